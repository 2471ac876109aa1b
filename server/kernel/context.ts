import type { Db, Tx } from '#db/client.ts';
import type { KeyKind, Role } from '#db/enums.ts';
import { openTransaction } from '#db/open-transaction.ts';
import { type TenantId, uuidOf } from './ids.ts';
import { limits } from './limits.ts';

/** Who acts. Made by the gates only: sign-in, key look-up, command line, worker. */
export type Actor =
  | {
      readonly type: 'person';
      readonly userId: string;
      readonly email: string;
      readonly roles: readonly Role[];
      readonly signInId: string;
    }
  | {
      readonly type: 'key';
      readonly keyId: string;
      readonly kind: KeyKind;
      readonly name: string;
      /** Of an agent key; null for other kinds. */
      readonly agent: { readonly id: string; readonly slug: string } | null;
      readonly tools: readonly string[];
    }
  | { readonly type: 'cli'; readonly name: string }
  | { readonly type: 'system'; readonly name: string }
  /** Whoever knocks before anyone knows who it is: a refused sign-in. Holds no permission. */
  | { readonly type: 'anonymous'; readonly address: string };

/** A tenant that a signed-in person belongs to, with the roles of this moment. */
export interface Membership {
  readonly tenantId: TenantId;
  readonly slug: string;
  readonly name: string;
  readonly isDemo: boolean;
  readonly roles: readonly Role[];
}

/** A person whose sign-in is valid at this moment; `auth/read-sign-in.ts` reads it afresh per call. */
export interface SignedInPerson {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly signInId: string;
  readonly expiresAt: string;
  /** By slug. */
  readonly tenants: readonly Membership[];
}

/** What every verb and query takes first: whose data, who acts, in which request, through which pool. */
export interface Ctx {
  readonly tenantId: TenantId;
  readonly actor: Actor;
  readonly requestId: string;
  readonly db: Db;
}

/**
 * Runs `work` in one READ COMMITTED transaction that sees and writes only rows of the context's
 * tenant (row-level security). Bounded by `limits.writeTransactionMs`, because readers of the log
 * wait for the oldest open transaction.
 */
export function withTransaction<T>(ctx: Ctx, work: (tx: Tx) => Promise<T>): Promise<T> {
  const settings = {
    'app.tenant': uuidOf(ctx.tenantId),
    transaction_timeout: String(limits.writeTransactionMs),
  };
  return openTransaction(ctx.db, 'read write', settings, work);
}

/** Runs reads of the context's tenant in one read-only transaction. */
export function withRead<T>(ctx: Ctx, work: (tx: Tx) => Promise<T>): Promise<T> {
  return openTransaction(ctx.db, 'read only', { 'app.tenant': uuidOf(ctx.tenantId) }, work);
}
