import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Baseline,
  copyBaseline,
  decodeBaseline,
  encodeBaseline,
  noBaseline,
  noteBaseline,
  storedBaselineSchema,
} from '#server/detection/baseline/baseline.ts';
import { type BaselineFacts, noBaselineFacts } from '#server/detection/baseline/readings.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Json } from '#server/telemetry/contract.ts';
import { storedEvent } from '#server/testing/stored-event.ts';

const base = Date.parse('2026-01-01T00:00:00Z');
type More = Parameters<typeof storedEvent>[0];

/** An event `minutes` after the start. */
function eventAt(minutes: number, more: More) {
  const at = new Date(base + minutes * 60_000).toISOString();
  return storedEvent({ startedAt: at, receivedAt: at, ...more });
}

/** Two days of an agent that reads, thinks and pays, every ten minutes. */
function settled(more: (index: number) => More = () => ({})): Baseline {
  const state = noBaseline();
  for (let index = 0; index < 288; index += 1) {
    const traceId = String(index).padStart(32, '0');
    for (const name of ['read_inbox', 'lookup', 'send_money']) {
      const input: Json = name === 'send_money' ? { to: 'x', amount: index } : { id: index };
      const event = { name, traceId, body: { input }, ...more(index) };
      noteBaseline(state, eventAt(index * 10, event));
    }
  }
  return state;
}

const after = 2 * 24 * 60 + 30;
const stored = (state: Baseline) =>
  decodeBaseline(storedBaselineSchema.parse(JSON.parse(JSON.stringify(encodeBaseline(state)))));

function last(state: Baseline, events: readonly ReturnType<typeof eventAt>[]): BaselineFacts {
  return events.reduce<BaselineFacts>((_, event) => noteBaseline(state, event), noBaselineFacts);
}

describe('noteBaseline', () => {
  it('says nothing of an agent that it does not know', () => {
    const facts = noteBaseline(noBaseline(), eventAt(0, { name: 'send_money' }));
    expect(facts).toEqual(noBaselineFacts);
  });

  it('finds what is usual usual', () => {
    const state = settled();
    const traceId = 'f'.repeat(32);
    const names = ['read_inbox', 'lookup', 'send_money'];
    const facts = names.map((name) => {
      const input: Json = name === 'send_money' ? { amount: 1, to: 'y' } : { id: 7 };
      return noteBaseline(state, eventAt(after, { name, traceId, body: { input } }));
    });
    for (const { volume, sequence, shape } of facts) {
      expect(volume?.sigma).toBeLessThan(1);
      expect(sequence?.sigma).toBeLessThan(1);
      expect(shape?.isNew).toBe(false);
    }
  });

  it('tells a jump of the volume with n, mean and deviation', () => {
    const burst = Array.from({ length: 60 }, () => eventAt(after, { name: 'send_money' }));
    const { volume } = last(settled(), burst);
    expect(volume).toMatchObject({ kind: 'volume', tool: 'send_money', value: 60, hours: 48 });
    expect(volume?.mean).toBeCloseTo(6, 9);
    expect(volume?.sigma).toBeGreaterThan(20);
  });

  it('tells the sequence that surprised, by the names of its tools', () => {
    const traceId = 'f'.repeat(32);
    const { sequence } = last(settled(), [
      eventAt(after, { name: 'read_inbox', traceId }),
      eventAt(after, { name: 'send_money', traceId }),
    ]);
    expect(sequence?.path).toEqual(['(start)', 'read_inbox', 'send_money']);
    expect(sequence).toMatchObject({ contexts: 288, seen: 0 });
    expect(sequence?.sigma).toBeGreaterThan(5);
  });

  it('tells a new shape of arguments once, and not of a tool that has ever other ones', () => {
    const odd = { name: 'send_money', body: { input: { to: 'x', amount: 1, memo: 'y' } } };
    const state = settled();
    expect(noteBaseline(state, eventAt(after, odd)).shape).toEqual({
      kind: 'shape',
      tool: 'send_money',
      shape: 'amount:number, memo:string, to:string',
      isNew: true,
      calls: 288,
      shapes: 1,
    });
    expect(noteBaseline(state, eventAt(after, odd)).shape?.isNew).toBe(false);
    const various = settled((index) => ({ body: { input: { [`k${index % 40}`]: 1 } } }));
    expect(noteBaseline(various, eventAt(after, odd)).shape).toBeNull();
  });

  it('tells a recipient and a host that a tool never had, and not of a tool that has ever other ones', () => {
    const mails = (...to: string[]) => ({ name: 'send_money', body: { input: { to } } });
    const state = settled((index) => (index % 2 ? {} : mails('ann@a.example', '[IBAN:12ab]')));
    const facts = (more: More) => noteBaseline(state, eventAt(after, more)).destination;
    const usual = facts(mails('Ann@A.example'));
    expect(usual).toMatchObject({ tool: 'send_money', fresh: [], known: 2 });
    expect(facts(mails('ann@a.example', 'https://drop.example/x'))).toEqual({
      ...usual,
      fresh: ['drop.example'],
      calls: (usual?.calls ?? 0) + 1,
    });
    expect(facts(mails('drop.example'))).toBeNull();
    expect(facts(mails('https://drop.example'))?.fresh).toEqual([]);
    // What another tool was called with counts for nothing.
    expect(facts({ ...mails('ann@a.example'), name: 'lookup' })).toBeNull();
    const various = settled((index) => mails(`c${index}@a.example`));
    const next = eventAt(after, mails('new@a.example'));
    expect(noteBaseline(various, next).destination).toBeNull();
  });

  it('tells data outside the scope, by collection', () => {
    const touches = (resource: string, classes: string[]) => ({
      body: { data: { resource, classes } },
    });
    const state = settled((index) => touches(`accounts/${index}`, ['financial']));
    const facts = (more: More) => noteBaseline(state, eventAt(after, { name: 'lookup', ...more }));
    expect(facts(touches('accounts/9999', ['financial'])).scope?.fresh).toEqual([]);
    expect(facts(touches('patients/1', ['financial', 'health'])).scope).toMatchObject({
      fresh: ['class:health', 'resource:patients/*'],
      events: 865,
      known: 2,
    });
    const access = { kind: 'data_access' as const, name: null, ...touches('patients/2', ['x']) };
    expect(facts(access).scope?.fresh).toEqual(['class:x']);
  });

  it('tells a jump of failures', () => {
    const failing = Array.from({ length: 12 }, () =>
      eventAt(after, { name: 'lookup', status: 'error' }),
    );
    expect(last(settled(), failing).errors).toMatchObject({ tool: 'lookup', value: 12, calls: 12 });
    expect(last(settled(), [eventAt(after, { name: 'lookup' })]).errors).toBeNull();
  });

  it('tells when the mix of tools has drifted', () => {
    const state = settled();
    const facts = Array.from({ length: 400 }, (_, index) =>
      noteBaseline(state, eventAt(after + index, { name: 'lookup', traceId: `${index}` })),
    );
    const highest = facts.reduce((most, { drift }) => Math.max(most, drift?.sigma ?? 0), 0);
    expect(highest).toBeGreaterThan(4);
    expect(facts.filter(({ drift }) => drift !== null)).toHaveLength(19);
  });

  it('counts a call told twice once, and a revision not at all', () => {
    const state = settled();
    const before = encodeBaseline(copyBaseline(state));
    expect(noteBaseline(state, eventAt(after, { name: 'lookup', revision: 1 }))).toEqual(
      noBaselineFacts,
    );
    expect(encodeBaseline(state)).toEqual(before);
    noteBaseline(state, eventAt(after, { name: 'lookup', phase: 'start' }));
    const ended = noteBaseline(state, eventAt(after, { name: 'lookup', phase: 'end' }));
    expect(ended).toEqual(noBaselineFacts);
    expect(state.calls).toBe(before.calls + 1);
  });

  it('takes names that mean something to objects for names', () => {
    const state = noBaseline();
    for (const name of ['__proto__', 'constructor']) {
      noteBaseline(state, eventAt(0, { name, body: { input: { ['__proto__']: 1 } } }));
    }
    expect([...stored(state).tools.keys()]).toEqual(['__proto__', 'constructor']);
  });

  it('stays small whatever an agent does', () => {
    const state = noBaseline();
    for (let index = 0; index < 6000; index += 1) {
      const body = { input: { [`k${index}`]: 1 }, data: { resource: `r-${index.toString(36)}/x` } };
      const name = `tool-${(index * 31) % 500}`;
      noteBaseline(state, eventAt(index, { name, traceId: `${index % 50}`, body }));
    }
    expect(state.tools.size).toBe(limits.baselineToolsMax);
    expect(JSON.stringify(encodeBaseline(state)).length).toBeLessThan(128 * 1024);
  });

  it('leaves what it was copied from alone', () => {
    const state = settled();
    const before = JSON.stringify(encodeBaseline(state));
    const copy = copyBaseline(state);
    for (let index = 0; index < 50; index += 1) {
      // From within the last hour, which is open.
      const more = { name: 'lookup', body: { input: { n: index } } };
      noteBaseline(copy, eventAt(287 * 10 + index, more));
    }
    expect(JSON.stringify(encodeBaseline(state))).toBe(before);
    expect(JSON.stringify(encodeBaseline(copy))).not.toBe(before);
  });

  it('tells the same whether it was stored in between or not', () => {
    const event = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      traceId: fc.constantFrom('1', '2'),
      status: fc.constantFrom('ok' as const, 'error' as const),
      phase: fc.constantFrom(null, 'start' as const, 'end' as const),
      gap: fc.nat(40),
      key: fc.constantFrom('x', 'y'),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 300, maxLength: 700 }), (items) => {
        const whole = settled();
        let parts = settled();
        let minutes = after;
        items.forEach(({ gap, key, ...more }, index) => {
          minutes += gap;
          const data = { resource: `${key}${more.name}`, classes: [key] };
          const made = eventAt(minutes, { ...more, body: { input: { [key]: 1 }, data } });
          if (index % 50 === 0) parts = stored(parts);
          expect(noteBaseline(parts, made)).toEqual(noteBaseline(whole, made));
        });
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });
});
