import { AppError } from '#server/kernel/errors.ts';

/**
 * A place in a tenant's log: which life of the database, which transaction, which row in it. Rows of
 * one transaction become visible together, and readers stay below the oldest running transaction,
 * so this order skips nothing (a plain sequence would).
 */
export interface Position {
  readonly incarnation: number;
  /** xid8 as decimal text. */
  readonly xid: string;
  readonly seq: number;
}

/** Before everything. */
export const startPosition: Position = { incarnation: 0, xid: '0', seq: 0 };

/** The opaque text that callers see: `1-2s-9f`. */
export function encodePosition(position: Position): string {
  const xid = BigInt(position.xid).toString(36);
  return `${position.incarnation.toString(36)}-${xid}-${position.seq.toString(36)}`;
}

const shape = /^([0-9a-z]{1,4})-([0-9a-z]{1,13})-([0-9a-z]{1,11})$/;

/** Reads a position back. @throws AppError `bad_request` when it was not one of ours. */
export function decodePosition(text: string): Position {
  const match = shape.exec(text);
  const [incarnation, xid, seq] = [match?.[1], match?.[2], match?.[3]];
  if (incarnation === undefined || xid === undefined || seq === undefined) {
    throw new AppError(
      'bad_request',
      'This position is not one that Signalbox gave; leave it out to start anew.',
    );
  }
  let value = 0n;
  for (const digit of xid) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  const position = {
    incarnation: Number.parseInt(incarnation, 36),
    xid: value.toString(),
    seq: Number.parseInt(seq, 36),
  };
  if (value >= 2n ** 64n || !Number.isSafeInteger(position.seq) || position.incarnation > 32_767) {
    throw new AppError('bad_request', 'This position is out of range; leave it out to start anew.');
  }
  return position;
}

/** Negative when `a` comes first. */
export function comparePositions(a: Position, b: Position): number {
  if (a.incarnation !== b.incarnation) return a.incarnation - b.incarnation;
  const [x, y] = [BigInt(a.xid), BigInt(b.xid)];
  if (x !== y) return x < y ? -1 : 1;
  return a.seq - b.seq;
}
