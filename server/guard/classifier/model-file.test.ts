import { describe, expect, it } from 'vitest';
import { decodeModel, encodeModel, quantise } from './model-file.ts';
import { featureSlots } from './word-features.ts';

const knots = [
  { value: 0, score: 0 },
  { value: 1, score: 1 },
];
const kindOf = (seed: number) => {
  const table = new Float32Array(featureSlots);
  for (let at = 0; at < 5000; at += 1) table[(at * 97 + seed) % featureSlots] = Math.sin(at + seed);
  return { ...quantise(table), bias: -seed, knots };
};

describe('the file of a model', () => {
  const model = { user_input: kindOf(1), tool_output: kindOf(2) };
  const file = encodeModel(model);

  it('holds both kinds whole', () => {
    const read = decodeModel(file);
    expect(read.version).toMatch(/^hashed-linear-[0-9a-f]{8}$/);
    expect(read.kinds.user_input.table).toEqual(model.user_input.table);
    expect(read.kinds.tool_output).toEqual(model.tool_output);
  });

  it('is refused when a weight was changed', () => {
    const other = encodeModel({ ...model, user_input: kindOf(3) });
    const headEnd = 4 + file.readUInt32LE(0);
    const otherEnd = 4 + other.readUInt32LE(0);
    const forged = Buffer.concat([file.subarray(0, headEnd), other.subarray(otherEnd)]);
    expect(() => decodeModel(forged)).toThrow('do not match');
  });

  it('keeps weights within a step', () => {
    const weights = Float32Array.from({ length: 1000 }, (_, at) => Math.cos(at));
    const { table, scale } = quantise(weights);
    for (const [at, weight] of weights.entries())
      expect(Math.abs((table[at] ?? 0) * scale - weight)).toBeLessThanOrEqual(scale);
  });
});
