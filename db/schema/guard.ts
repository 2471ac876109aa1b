import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { createdAt, instant, oneOf, tenantId, tenantPolicy, typeId } from '../columns.ts';
import { plantedForms } from '../enums.ts';

/** Planted markers whose appearance outside their home proves a leak. */
export const canaries = pgTable(
  'canaries',
  {
    tenantId: tenantId(),
    id: typeId('id', 'canary').notNull(),
    name: text('name').notNull(),
    /** The planted text itself: it has to be matched exactly, and it is no secret of anybody. */
    marker: text('marker').notNull(),
    /** Tools or resources where the marker legitimately lives. */
    homes: text('homes').array().notNull(),
    /** The document that it was minted for, and as what; null for one registered by hand. */
    document: text('document'),
    form: oneOf('form', plantedForms),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    removedAt: instant('removed_at'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), tenantPolicy()],
).enableRLS();
