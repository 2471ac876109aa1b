import { hkdfSync } from 'node:crypto';
import type { CanaryMatcher, KeptSecretMatcher } from '#server/guard/contract.ts';
import type { RedactionTools } from '#server/ingest/redact.ts';
import { redactJson } from '#server/ingest/redact-json.ts';
import { createTenantKeys } from '#server/ingest/tenant-key.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { ControlSignals } from '#server/live/control-signals.ts';
import type { PermitKey } from '#server/permits/permit-key.ts';
import type { Json } from '#server/telemetry/contract.ts';

/** What decisions, approvals and redeems need of their process; made once by the server's start. */
export interface HoldTools {
  readonly permitKey: PermitKey;
  /** Public address: the permits' issuer. */
  readonly issuer: string;
  /** Wraps the data keys of one tenant's sealed arguments. */
  readonly sealKeyOf: (tenantId: TenantId) => Uint8Array;
  /** Keys the digests of requests: a bare hash of few bits could be guessed. */
  readonly requestKeyOf: (tenantId: TenantId) => Uint8Array;
  /** What redaction needs to know of a tenant, its canaries and kept secrets read at most every two seconds. */
  readonly redactionOf: (ctx: Ctx) => Promise<RedactionTools>;
  /** Who waits is woken by it; null where nobody listens, and the slow poll alone finds changes. */
  readonly signals: ControlSignals | null;
}

export interface HoldToolsOptions {
  readonly derivationKey: Uint8Array;
  readonly permitKey: PermitKey;
  readonly issuer: string;
  readonly readCanaries: (ctx: Ctx) => Promise<CanaryMatcher | null>;
  readonly readKept: (ctx: Ctx) => Promise<KeptSecretMatcher | null>;
  readonly signals: ControlSignals | null;
}

/** Builds the tools of a process. Keys are derived (HKDF-SHA-256, RFC 5869), so they lie nowhere. */
export function createHoldTools(options: HoldToolsOptions): HoldTools {
  const { derivationKey, permitKey, issuer, signals } = options;
  const redactionKeyOf = createTenantKeys(derivationKey);
  return {
    permitKey,
    issuer,
    signals,
    sealKeyOf: deriveByTenant(derivationKey, 'signalbox sealed arguments v1'),
    requestKeyOf: deriveByTenant(derivationKey, 'signalbox request digests v1'),
    redactionOf: async (ctx) => ({
      tenantKey: redactionKeyOf(ctx.tenantId),
      canaries: await options.readCanaries(ctx),
      kept: await options.readKept(ctx),
    }),
  };
}

function deriveByTenant(derivationKey: Uint8Array, purpose: string): (id: TenantId) => Uint8Array {
  const known = new Map<TenantId, Uint8Array>();
  return (tenantId) => {
    const found = known.get(tenantId);
    if (found) return found;
    const made = new Uint8Array(hkdfSync('sha256', derivationKey, uuidOf(tenantId), purpose, 32));
    known.set(tenantId, made);
    return made;
  };
}

/** A text of an agent's as it may be stored: redacted, or null where it could not be inspected. */
export async function redactText(
  ctx: Ctx,
  tools: HoldTools,
  text: string | null | undefined,
): Promise<string | null> {
  if (text === null || text === undefined) return null;
  const redacted = await redactOrDrop(ctx, tools, text);
  return typeof redacted === 'string' ? redacted : null;
}

/** A value as it may be stored; null where it could not be inspected: never the raw one. */
export async function redactOrDrop(ctx: Ctx, tools: HoldTools, value: Json): Promise<Json> {
  const redaction = await tools.redactionOf(ctx);
  try {
    return redactJson(value, redaction);
  } catch {
    // The reason may quote what could not be inspected.
    return null;
  }
}
