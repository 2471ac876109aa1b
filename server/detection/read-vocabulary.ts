import { requirePermission } from '#server/auth/require-permission.ts';
import type { RuleVocabulary } from '#server/detection/contract.ts';
import { eventFields } from '#server/detection/event-fields.ts';
import { taggedLabels } from '#server/detection/taxonomies.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { eventKinds } from '#server/telemetry/contract.ts';

/** The modifiers that an editor offers; a test holds them against the compiler. */
export const offeredModifiers = [
  'contains',
  'startswith',
  'endswith',
  'all',
  'cased',
  're',
  'cidr',
  'exists',
  'neq',
  'lt',
  'lte',
  'gt',
  'gte',
  'fieldref',
  'base64',
  'base64offset',
  'wide',
  'utf16le',
  'utf16be',
  'utf16',
  'windash',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'year',
] as const;

/** Words of rules that an editor offers: what the compiler and the detector know. @throws AppError `forbidden` */
export function readVocabulary(ctx: Ctx): RuleVocabulary {
  requirePermission(ctx, 'rules.read');
  return {
    fields: [...Object.keys(eventFields), 'action.id', 'action.problem'].toSorted((a, b) =>
      a < b ? -1 : 1,
    ),
    modifiers: [...offeredModifiers],
    tags: [...taggedLabels],
    categories: [...eventKinds, 'action'],
  };
}
