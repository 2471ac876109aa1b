import { describe, expect, it } from 'vitest';
import { type LiveBatch, liveBatchSchema } from '#server/live/contract.ts';
import { readEnvelope } from './read-envelope.ts';

const batch: LiveBatch = {
  id: '1.2.3.4.5',
  at: '2026-11-22T14:03:22.000Z',
  events: [],
  eventsSkipped: 0,
  alerts: [],
  control: [],
  derived: { detector: '1.2.3' },
  isResync: false,
};

describe('readEnvelope', () => {
  it('gives the batch of a tracked message', () => {
    expect(liveBatchSchema.safeParse(batch).success).toBe(true);
    expect(readEnvelope({ id: batch.id, data: batch })).toBe(batch);
  });

  it.each([[null], [undefined], ['text'], [[]], [{}], [batch], [{ data: null }], [{ data: 'x' }]])(
    'refuses %j',
    (envelope) => {
      expect(readEnvelope(envelope)).toBeNull();
    },
  );

  it.each(Object.keys(batch))('refuses a batch without %s, as the contract does', (field) => {
    const broken = Object.fromEntries(Object.entries(batch).filter(([name]) => name !== field));
    expect(liveBatchSchema.safeParse(broken).success).toBe(false);
    expect(readEnvelope({ data: broken })).toBeNull();
  });
});
