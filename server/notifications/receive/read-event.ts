import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import type { Read, SecurityEventToken } from './read-set.ts';
import { refuse } from './read-set.ts';

const caep = 'https://schemas.openid.net/secevent/caep/event-type';
const verification = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

/** What an event asks for; `unknown` is every type that is not acted on here. */
export type AskedEvent =
  | { readonly kind: 'session_revoked'; readonly reason: string | null }
  | {
      readonly kind: 'credential_change';
      readonly isDeath: boolean;
      readonly reason: string | null;
    }
  | { readonly kind: 'verification'; readonly reason: null }
  | { readonly kind: 'unknown'; readonly reason: null };

/** CAEP 1.0, section 2. */
const common = {
  event_timestamp: z.number().optional(),
  initiating_entity: z.enum(['admin', 'user', 'policy', 'system']).optional(),
  reason_admin: z.record(z.string(), z.string()).optional(),
};
const sessionRevoked = z.object(common);
/** CAEP 1.0, section 3.3. */
const credentialChange = z.object({
  ...common,
  credential_type: z.string().min(1),
  change_type: z.enum(['create', 'revoke', 'update', 'delete']),
});

/** One line of somebody else's: nothing that Postgres refuses, hides or turns around. */
export function oneLine(text: string, charsMax: number): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
  return line.length > charsMax ? `${line.slice(0, charsMax - 1).toWellFormed()}…` : line;
}

/** In English, or in the first language there is; null without a word. */
function reasonOf(reasons: Readonly<Record<string, string>> | undefined): string | null {
  const said = (reasons?.['en'] ?? Object.values(reasons ?? {})[0] ?? '').trim();
  return said === '' ? null : oneLine(said, limits.securityEventReasonCharsMax);
}

/**
 * What a token's event asks for. An event of a known type that is not as CAEP defines it is refused; of
 * any other type it is nothing to act on, and none to refuse. Pure.
 */
export function readEvent({ type, payload, subject }: SecurityEventToken): Read<AskedEvent> {
  if (type === verification) {
    return { value: { kind: 'verification', reason: null }, refusal: null };
  }
  const isSession = type === `${caep}/session-revoked`;
  if (!isSession && type !== `${caep}/credential-change`) {
    return { value: { kind: 'unknown', reason: null }, refusal: null };
  }
  if (typeof subject !== 'object' || subject === null) {
    return refuse('invalid_request', 'It names no subject; put one into sub_id.');
  }
  if (isSession) {
    const parsed = sessionRevoked.safeParse(payload);
    if (!parsed.success) return notCaep;
    const reason = reasonOf(parsed.data.reason_admin);
    return { value: { kind: 'session_revoked', reason }, refusal: null };
  }
  const parsed = credentialChange.safeParse(payload);
  if (!parsed.success) return notCaep;
  const { change_type: change, reason_admin: reasons } = parsed.data;
  const isDeath = change === 'revoke' || change === 'delete';
  return {
    value: { kind: 'credential_change', isDeath, reason: reasonOf(reasons) },
    refusal: null,
  };
}

const notCaep = refuse('invalid_request', 'Its event is not as CAEP 1.0 defines it.');
