import type { Db } from '#db/client.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { SetRefusal } from './contract.ts';
import { findTransmitter, type KnownTransmitter } from './find-transmitter.ts';
import { readEvent } from './read-event.ts';
import { readKeyId, readSet } from './read-set.ts';
import { receiveEvent } from './receive-event.ts';
import type { KeysOf } from './transmitter-keys.ts';

/** A push as it came in; nothing of it is believed. */
export interface Push {
  readonly transmitterId: string;
  /** The body: a token in compact form. */
  readonly token: string;
  readonly requestId: string;
}

export interface ReceiverTools {
  readonly db: Db;
  readonly keysOf: KeysOf;
  /** The public address: our issuer, and an audience. */
  readonly url: string;
  /** Counts a push of a transmitter that has proven to be one. @throws AppError `rate_limited` */
  readonly count: (transmitterId: string) => Promise<void>;
}

/** Where a transmitter pushes to. */
export const pushAddress = (url: string, transmitterId: string): string =>
  `${url}/api/v1/security-events/${transmitterId}`;

/**
 * Takes a pushed event (RFC 8935): who signed it, whether it is for us, what it tells, and then does that.
 * @returns null when it is done and on record, or was before
 * @throws AppError `rate_limited`, `store_unavailable`
 */
export async function acceptPush(tools: ReceiverTools, push: Push): Promise<SetRefusal | null> {
  const keyId = readKeyId(push.token);
  if (keyId.refusal !== null) return keyId.refusal;
  const transmitter = await findTransmitter(tools.db, push.transmitterId);
  if (transmitter === null) {
    return { err: 'access_denied', description: 'No transmitter is registered for this address.' };
  }
  const expected = {
    issuer: transmitter.issuer,
    audiences: [tools.url, new URL(tools.url).origin, pushAddress(tools.url, transmitter.id)],
    keys: await tools.keysOf(transmitter, keyId.value),
  };
  const nowMs = Date.now();
  const token = await readSet(push.token, expected, nowMs);
  if (token.refusal !== null) return token.refusal;
  await tools.count(transmitter.id);
  const event = readEvent(token.value);
  if (event.refusal !== null) return event.refusal;
  const received = { transmitter, token: token.value, event: event.value, issuer: tools.url };
  await receiveEvent(contextOf(tools, transmitter, push.requestId), received, nowMs);
  return null;
}

function contextOf({ db }: ReceiverTools, found: KnownTransmitter, requestId: string): Ctx {
  const actor = { type: 'system', name: `transmitter ${found.name}` } as const;
  return { tenantId: found.tenantId, actor, requestId, db };
}
