import { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors } from 'jose';
import { z } from 'zod';
import { requireBounded } from '#server/ingest/parse-json.ts';
import { limits } from '#server/kernel/limits.ts';
import type { SetRefusal } from './contract.ts';
import { type PublicKey, setAlgorithms } from './read-keys.ts';

/** What a token has to be signed with and addressed by. */
export interface Expected {
  readonly issuer: string;
  /** Any one of them. */
  readonly audiences: readonly string[];
  readonly keys: readonly PublicKey[];
}

/** A token (RFC 8417) whose signature, issuer and audience were checked, with its one event. */
export interface SecurityEventToken {
  readonly jti: string;
  readonly issuedAtMs: number;
  /** URI of the event's type. */
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** `sub_id` (RFC 9493), unread; null where there is none. */
  readonly subject: unknown;
}

export type Read<T> =
  | { readonly value: T; readonly refusal: null }
  | { readonly value: null; readonly refusal: SetRefusal };

const read = <T>(value: T): Read<T> => ({ value, refusal: null });
/** Never a word of what was sent. */
export const refuse = (err: SetRefusal['err'], description: string): Read<never> => ({
  value: null,
  refusal: { err, description },
});

const printable = /^[\x20-\x7e]+$/;
const claimsSchema = z.object({
  jti: z.string().max(limits.securityEventIdCharsMax).regex(printable),
  iat: z.number().min(0).max(8_640_000_000_000),
  events: z.record(z.string(), z.record(z.string(), z.unknown())),
  // SSF 1.0, section 4.1: with these it could pass for a token that opens something.
  exp: z.undefined().optional(),
  sub: z.undefined().optional(),
  sub_id: z.unknown(),
});

/** The key that a token says it was signed with; null where it says none. */
export function readKeyId(token: string): Read<string | null> {
  try {
    const { kid, alg, typ } = decodeProtectedHeader(token);
    if (typ?.toLowerCase().replace(/^application\//, '') !== 'secevent+jwt') {
      return refuse('invalid_request', 'Its header must have the typ secevent+jwt.');
    }
    if (!setAlgorithms.some((one) => one === alg)) {
      return refuse('invalid_key', `It must be signed by one of ${setAlgorithms.join(', ')}.`);
    }
    return read(kid ?? null);
  } catch {
    return refuse('invalid_request', 'The body is no signed token in compact form.');
  }
}

/**
 * Reads a Security Event Token. Who holds no key of the transmitter learns nothing but that: issuer,
 * audience and claims are looked at behind the signature. Pure, but for the verification.
 */
export async function readSet(
  token: string,
  expected: Expected,
  nowMs: number,
): Promise<Read<SecurityEventToken>> {
  const verified = await verify(token, expected.keys);
  if (verified.refusal !== null) return verified;
  const claims = parseObject(verified.value);
  if (claims === null) {
    return refuse('invalid_request', 'Its claims are no JSON object, or nest too deep.');
  }
  if (claims['iss'] !== expected.issuer) {
    return refuse('invalid_issuer', 'Its iss is not the issuer that this transmitter is known by.');
  }
  const audiences = [claims['aud']].flat();
  if (!audiences.some((one) => expected.audiences.some((ours) => ours === one))) {
    return refuse('invalid_audience', 'Its aud is neither this Signalbox nor this address.');
  }
  return readClaims(claims, nowMs);
}

function readClaims(claims: object, nowMs: number): Read<SecurityEventToken> {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) {
    const wrong = String(parsed.error.issues[0]?.path[0] ?? 'payload');
    return refuse('invalid_request', `Its claim ${wrong} is not as RFC 8417 and SSF 1.0 have it.`);
  }
  const { jti, iat, events, sub_id: subject = null } = parsed.data;
  const [event, ...more] = Object.entries(events);
  if (event === undefined || more.length > 0) {
    return refuse('invalid_request', 'It must hold exactly one event.');
  }
  const [type, payload] = event;
  if (!printable.test(type) || type.length > limits.securityEventTypeCharsMax) {
    return refuse('invalid_request', 'The type of its event is no URI.');
  }
  const issuedAtMs = iat * 1000;
  if (issuedAtMs > nowMs + limits.securityEventSkewMs) {
    return refuse('invalid_request', 'Its iat lies in the future; set the clock right.');
  }
  return read({ jti, issuedAtMs, type, payload, subject });
}

/** The bytes that were signed. A token without `kid` is tried with each key of its kind. */
async function verify(token: string, keys: readonly PublicKey[]): Promise<Read<Uint8Array>> {
  const options = { algorithms: [...setAlgorithms] };
  const set = createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) });
  try {
    return read((await compactVerify(token, set, options)).payload);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return refusalOf(error);
    for await (const key of error) {
      try {
        return read((await compactVerify(token, key, options)).payload);
      } catch (inner) {
        if (!(inner instanceof errors.JWSSignatureVerificationFailed)) return refusalOf(inner);
      }
    }
    return notSigned;
  }
}

const notSigned = refuse('authentication_failed', 'Its signature is not by the transmitter.');

/** @throws what is no failure of the token */
function refusalOf(error: unknown): Read<never> {
  if (error instanceof errors.JWSSignatureVerificationFailed) return notSigned;
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JOSEAlgNotAllowed) {
    return refuse('invalid_key', 'It was signed by no key that this transmitter is known by.');
  }
  if (error instanceof errors.JOSEError) {
    return refuse('invalid_request', 'The body is no signed token in compact form.');
  }
  // A key that passed for one, and is none.
  if (error instanceof Error && /^(TypeError|DataError)$/.test(error.name)) {
    return refuse('invalid_key', 'The key of this transmitter cannot be used.');
  }
  throw error;
}

/** Null also for what nests or spreads beyond the limits of any door: to write it down would fail. */
function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    requireBounded(text);
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
