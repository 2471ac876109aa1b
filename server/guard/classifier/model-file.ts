import { deflateSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import { featureSlots } from '#server/guard/classifier/word-features.ts';
import type { TextKind } from '#server/guard/contract.ts';
import { sha256Hex } from '#server/kernel/hash.ts';

const headSchema = z.object({
  version: z.string(),
  sha256: z.string(),
  slots: z.literal(featureSlots),
  kinds: z.record(
    z.enum(['user_input', 'tool_output']),
    z.object({
      scale: z.number().positive(),
      bias: z.number(),
      knots: z.array(z.object({ value: z.number(), score: z.number().min(0).max(1) })).min(2),
    }),
  ),
});

/** One kind of text in a model: weights are `table[slot] * scale`. */
export interface KindModel {
  readonly table: Int8Array;
  readonly scale: number;
  readonly bias: number;
  readonly knots: readonly { readonly value: number; readonly score: number }[];
}
export interface InjectionModel {
  /** `hashed-linear-<first 8 hex of the weights' hash>`. */
  readonly version: string;
  readonly kinds: Readonly<Record<TextKind, KindModel>>;
}

const headLengthBytes = 4;
const order: readonly TextKind[] = ['user_input', 'tool_output'];

/** Of the largest weights so many are cut, so that the rest keeps its steps. */
const cutShare = 0.0005;

/** Weights in 255 steps. */
export function quantise(table: Float32Array): { table: Int8Array; scale: number } {
  const sizes = table
    .filter((weight) => weight !== 0)
    .map(Math.abs)
    .sort();
  const largest = sizes[Math.floor((sizes.length - 1) * (1 - cutShare))] ?? 1;
  const scale = largest / 127;
  return {
    table: Int8Array.from(table, (weight) =>
      Math.max(-127, Math.min(127, Math.round(weight / scale))),
    ),
    scale,
  };
}

/** A model as one file: the length of its head, the head as JSON, both tables deflated. */
export function encodeModel(kinds: InjectionModel['kinds']): Buffer {
  const tables = Buffer.concat(order.map((kind) => Buffer.from(kinds[kind].table.buffer)));
  const sha256 = sha256Hex(tables);
  const head = Buffer.from(
    JSON.stringify({
      version: `hashed-linear-${sha256.slice(0, 8)}`,
      sha256,
      slots: featureSlots,
      kinds: Object.fromEntries(
        order.map((kind) => {
          const { scale, bias, knots } = kinds[kind];
          return [kind, { scale, bias, knots }];
        }),
      ),
    }),
  );
  const length = Buffer.alloc(headLengthBytes);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, deflateSync(tables, { level: 9 })]);
}

/** @throws when the file is not a model of this build, or its weights are not those of its head. */
export function decodeModel(file: Buffer): InjectionModel {
  const headEnd = headLengthBytes + file.readUInt32LE(0);
  const head = headSchema.parse(JSON.parse(file.toString('utf8', headLengthBytes, headEnd)));
  const tables = inflateSync(file.subarray(headEnd), {
    maxOutputLength: featureSlots * order.length,
  });
  if (sha256Hex(tables) !== head.sha256) throw new Error('the weights do not match their hash');
  const kindOf = (kind: TextKind, index: number): KindModel => ({
    ...head.kinds[kind],
    table: new Int8Array(tables.buffer, tables.byteOffset + index * featureSlots, featureSlots),
  });
  return {
    version: head.version,
    kinds: { user_input: kindOf('user_input', 0), tool_output: kindOf('tool_output', 1) },
  };
}
