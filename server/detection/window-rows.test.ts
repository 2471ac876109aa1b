import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceWindow } from '#server/detection/correlate.ts';
import type { CorrelationPlan } from '#server/detection/sigma/compile-correlation.ts';
import { changeRows, type WindowLayout, windowOfRows } from '#server/detection/window-rows.ts';
import { decodeEntries, encodeWindow, type WindowState } from '#server/detection/window-state.ts';
import { limits } from '#server/kernel/limits.ts';

const plan: CorrelationPlan = {
  type: 'event_count',
  inputs: 1,
  timespanMs: 1000,
  bounds: [{ bound: 'gte', value: 3 }],
  percentile: null,
  isImmediate: true,
  entriesMax: 300,
  valueFields: [[]],
  groupBy: ['agent.slug'],
  groupFields: [['agent.slug']],
};

/** The rows of one window as a table holds them. */
class Table {
  readonly rows = new Map<number, string>();
  written = 0;

  apply(change: ReturnType<typeof changeRows>): void {
    for (const part of change.gone) this.rows.delete(part);
    for (const { part, state } of change.rows) {
      this.rows.set(part, JSON.stringify(state));
      this.written += decodeEntries(state).length;
    }
  }

  read() {
    return windowOfRows(
      [...this.rows].map(([part, text]) => ({ part, state: JSON.parse(text) as unknown })),
    );
  }
}

let names = 0;

function advance(state: WindowState | null, at: number): WindowState {
  names += 1;
  return advanceWindow(plan, state, matchAt(at, `e${names}`), 0).state;
}

const matchAt = (at: number, eventId: string) => ({
  at,
  eventId,
  input: 0,
  values: [],
  carried: {},
});

describe('the rows of a window', () => {
  it('hold its state after any batches, whoever reads them back and when', () => {
    const event = fc.record({
      step: fc.integer({ min: -3000, max: 4000 }),
      burst: fc.integer({ min: 1, max: 120 }),
      isBatchEnd: fc.boolean(),
      isRestart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const table = new Table();
        let state: WindowState | null = null;
        let layout: WindowLayout = new Map();
        let at = 1_000_000;
        for (const { step, burst, isBatchEnd, isRestart } of events) {
          at += step;
          for (let index = 0; index < burst; index += 1) state = advance(state, at + index * 7);
          if (!isBatchEnd || state === null) continue;
          const change = changeRows(state, layout);
          table.apply(change);
          layout = change.layout;
          expect(table.read()?.state).toEqual(state);
          if (isRestart) ({ state, layout } = table.read() ?? { state, layout });
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are written once or a few times, however many batches there are', () => {
    const table = new Table();
    let state: WindowState | null = null;
    let layout: WindowLayout = new Map();
    const events = 2000;
    for (let index = 0; index < events; index += 1) {
      state = advance(state, 1_000_000 + index * 400);
      const change = changeRows(state, layout);
      table.apply(change);
      layout = change.layout;
    }
    expect(table.rows.size).toBeLessThan(300 / limits.windowPartEntries + 3);
    expect(table.written).toBeLessThan(events * limits.windowPartEntries);
  });

  it('of earlier versions, the whole window in lists, are read as they are', () => {
    const state = advance(advance(null, 5), 6);
    const { entries, ...times } = state;
    const lists = {
      at: entries.map((entry) => entry.at),
      id: entries.map((entry) => entry.eventId),
      input: [0, 0],
      flags: [0, 0],
      ...times,
    };
    for (const stored of [lists, encodeWindow(state)]) {
      expect(windowOfRows([{ part: 0, state: stored }])).toEqual({ state, layout: new Map() });
    }
  });

  it('are no window without the head', () => {
    expect(windowOfRows([])).toBeNull();
    expect(windowOfRows([{ part: 3, state: { at: '', id: '', input: '', flags: '' } }])).toBeNull();
  });
});
