import { sql } from 'drizzle-orm';
import { customType, pgPolicy, text } from 'drizzle-orm/pg-core';
import { fromString, TypeID, toUUID } from 'typeid-js';
import { type IdNoun, idPrefixes } from './enums.ts';

/** A tenant's id that only a gate (key look-up, sign-in, CLI) can mint. */
export type TenantId = string & { readonly __tenant: true };

/** A TypeID in code (`agt_…`), sixteen bytes of uuid in the table. Invalid ids throw before SQL. */
export function typeId<T extends string = string>(name: string, noun: IdNoun) {
  const prefix = idPrefixes[noun];
  return customType<{ data: T; driverData: string }>({
    dataType: () => 'uuid',
    toDriver: (value) => toUUID(fromString(value, prefix)),
    fromDriver: (value) => TypeID.fromUUID(prefix, value).toString() as T,
  })(name);
}

/** The branded tenant column that every tenant table starts with. */
export function tenantId() {
  return typeId<TenantId>('tenant_id', 'tenant').notNull();
}

/** Postgres's text of a timestamptz in UTC as RFC 3339: `2026-11-22T08:00:00.000123Z`. */
export function instantFromDriver(value: string): string {
  return `${value.slice(0, 10)}T${value.slice(11).replace(/\+00(:?00)?$/, 'Z')}`;
}

/** The same of a column that may hold nothing. */
export const instantOrNullFromDriver = (value: string | null): string | null =>
  value === null ? null : instantFromDriver(value);

/**
 * An instant: RFC 3339 UTC text with up to microseconds in code, `timestamptz` in the table. A Date
 * would lose the microseconds of spans. Connections run in UTC with ISO dates.
 */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamptz',
  fromDriver: instantFromDriver,
});

/** A transaction id, 64 bits, as decimal text in code. Orders the log. */
export const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' });

export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/** Lexemes of a text, for search. */
export const tsvector = customType<{ data: string; driverData: string }>({
  dataType: () => 'tsvector',
});

/** A W3C trace id: 32 hex digits in code, sixteen bytes of uuid in the table. */
export const traceId = customType<{ data: string; driverData: string }>({
  dataType: () => 'uuid',
  fromDriver: (value) => value.replaceAll('-', ''),
});

export const createdAt = () =>
  instant('created_at')
    .notNull()
    .default(sql`now()`);

/** A text column whose values come from one of the lists in `enums.ts`. */
export function oneOf<const T extends readonly [string, ...string[]]>(name: string, values: T) {
  return text(name, { enum: values });
}

/**
 * Row-level security of a tenant table: a row is seen and written only under its own tenant. After
 * a transaction `app.tenant` is the empty string, not NULL, hence nullif; no context means no rows.
 */
export function tenantPolicy() {
  const own = sql`tenant_id = nullif(current_setting('app.tenant', true), '')::uuid`;
  return pgPolicy('tenant_isolation', {
    as: 'permissive',
    for: 'all',
    to: 'public',
    using: own,
    withCheck: own,
  });
}
