import { sha256 } from '#server/kernel/hash.ts';
import { canonicalise, type JsonObject } from './canonicalise.ts';

/** What a permit binds; contract.md, section 4. */
export interface Binding {
  /** `ten_…` */
  readonly tenantId: string;
  /** `agt_…` */
  readonly agentId: string;
  /** `act_…` */
  readonly actionId: string;
  readonly tool: string;
  /** {@link schemaDigest} of the tool. */
  readonly schema: string;
  /** 128 random bits of ours as base64url: arguments of few bits cannot be guessed from the digest. */
  readonly nonce: string;
  /** Only the load-bearing ones. */
  readonly args: JsonObject;
  /** Hash of the plan that a dry run returned. */
  readonly plan: string | null;
}

/** The exact text under the digest. */
export function bindingText(binding: Binding): string {
  return canonicalise({
    v: 1,
    ten: binding.tenantId,
    agent: binding.agentId,
    act: binding.actionId,
    tool: binding.tool,
    schema: binding.schema,
    n: binding.nonce,
    args: binding.args,
    plan: binding.plan,
  });
}

/** `sha-256:` and the base64url of the hash. */
export function bindingDigest(binding: Binding): string {
  return `sha-256:${sha256(bindingText(binding)).toString('base64url')}`;
}

/** Digest of a tool's JSON schema in its canonical form; of a tool without one, that of `null`. */
export function schemaDigest(schema: unknown): string {
  return `sha-256:${sha256(canonicalise(schema ?? null)).toString('base64url')}`;
}

/** The first eight hex digits of a digest: what reviewer and agent compare by eye. */
export function fingerprintOf(digest: string): string {
  return Buffer.from(digest.slice('sha-256:'.length), 'base64url').toString('hex').slice(0, 8);
}
