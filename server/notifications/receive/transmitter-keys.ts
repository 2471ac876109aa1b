import { LRUCache } from 'lru-cache';
import type { SendToProvider } from '#server/credentials/provider-request.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import type { KnownTransmitter } from './find-transmitter.ts';
import { type PublicKey, readKeys } from './read-keys.ts';

interface Fetched {
  readonly keys: readonly PublicKey[];
  readonly readAtMs: number;
}

interface Held {
  readonly askedAtMs: number;
  readonly fetched: Promise<Fetched>;
}

/** Transmitters whose fetched keys one process holds. */
const heldMax = 1000;

/** The keys with which a transmitter signs. @throws AppError `store_unavailable` while nobody can say */
export type KeysOf = (
  transmitter: KnownTransmitter,
  keyId: string | null,
) => Promise<readonly PublicKey[]>;

/**
 * Keys that are kept here, or fetched from where their administrator said: nowhere else, when an event
 * needs them, and no more often than `limits.transmitterKeysPauseMs`, whatever strangers send. An unknown
 * `kid` asks anew, since keys are rotated; what is older than `limits.transmitterKeysFreshMs` counts no
 * more, since keys are also withdrawn.
 */
export function createKeysOf(send: SendToProvider, nowMs = () => performance.now()): KeysOf {
  const held = new LRUCache<string, Held>({ max: heldMax });

  async function fetchedOf(id: string, url: string, keyId: string | null): Promise<Fetched> {
    const before = held.get(id);
    if (before !== undefined && nowMs() - before.askedAtMs < limits.transmitterKeysPauseMs) {
      return before.fetched;
    }
    // What failed before said so to whoever asked then.
    const known = await before?.fetched.catch(() => null);
    const fresh = known && nowMs() - known.readAtMs < limits.transmitterKeysFreshMs ? known : null;
    if (fresh !== null && hasKey(fresh.keys, keyId)) return fresh;
    const current = held.get(id);
    // Somebody else asked meanwhile.
    if (current !== undefined && current !== before) return current.fetched;
    const fetched = fetchKeys(send, url).then(
      (keys) => ({ keys, readAtMs: nowMs() }),
      (cause: unknown) => {
        // A kid that somebody made up must not take away keys that still count.
        if (fresh !== null) return fresh;
        throw new AppError(
          'store_unavailable',
          'The keys of this transmitter cannot be fetched now; send the event again later.',
          { cause, retryAfterSeconds: Math.ceil(limits.transmitterKeysPauseMs / 1000) },
        );
      },
    );
    held.set(id, { askedAtMs: nowMs(), fetched });
    return fetched;
  }

  return async ({ id, keys, keysUrl }, keyId) => {
    if (keys !== null) return keys;
    return keysUrl === null ? [] : (await fetchedOf(id, keysUrl, keyId)).keys;
  };
}

const hasKey = (keys: readonly PublicKey[], keyId: string | null): boolean =>
  keyId === null || keys.some((key) => key.kid === keyId);

async function fetchKeys(send: SendToProvider, url: string): Promise<readonly PublicKey[]> {
  const headers = {
    accept: 'application/jwk-set+json, application/json',
    'user-agent': 'Signalbox',
  };
  const answer = await send({ method: 'GET', url, headers, body: '' });
  if (answer.status !== 200) throw new Error(`the address of the keys answered ${answer.status}`);
  const { keys, refusal } = readKeys(answer.body);
  if (keys === null) throw new Error(refusal);
  return keys;
}
