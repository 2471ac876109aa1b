import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTraceEvent } from '#server/testing/trace-event-factory.ts';
import { buildTraceTree } from './prepare-trace-tree.ts';
import {
  axisTicks,
  binEvents,
  fitWindow,
  panWindow,
  placeBar,
  revealMoment,
  type TimeWindow,
  zoomWindow,
} from './prepare-waterfall.ts';

const whole: TimeWindow = { fromUs: 1000, untilUs: 2000 };

describe('the window', () => {
  it('fits a trace with room for the last bar, and one without length', () => {
    expect(fitWindow(0, 100_000)).toEqual({ fromUs: 0, untilUs: 102_000 });
    expect(fitWindow(5, 5)).toEqual({ fromUs: 5, untilUs: 1025 });
  });

  it.each<[string, TimeWindow, TimeWindow]>([
    ['closer round the middle', zoomWindow(whole, whole, 0.5), { fromUs: 1250, untilUs: 1750 }],
    ['closer round the left', zoomWindow(whole, whole, 0.5, 0), { fromUs: 1000, untilUs: 1500 }],
    ['never wider than all', zoomWindow(whole, whole, 4), whole],
    [
      'to the right',
      panWindow({ fromUs: 1000, untilUs: 1200 }, whole, 0.5),
      { fromUs: 1100, untilUs: 1300 },
    ],
    [
      'never beyond the end',
      panWindow({ fromUs: 1700, untilUs: 1900 }, whole, 3),
      { fromUs: 1800, untilUs: 2000 },
    ],
    [
      'never before the start',
      panWindow({ fromUs: 1100, untilUs: 1200 }, whole, -9),
      { fromUs: 1000, untilUs: 1100 },
    ],
    ['stays where the moment is in it', revealMoment(whole, whole, 1500), whole],
    [
      'goes to the moment',
      revealMoment({ fromUs: 1000, untilUs: 1100 }, whole, 1500),
      { fromUs: 1475, untilUs: 1575 },
    ],
  ])('%s', (_name, got, expected) => {
    expect(got).toEqual(expected);
  });

  it('always lies in the trace and keeps a width, whatever is pressed', () => {
    const press = fc.oneof(
      fc.record({
        zoom: fc.double({ min: 0.1, max: 10, noNaN: true }),
        anchor: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ pan: fc.double({ min: -5, max: 5, noNaN: true }) }),
      fc.record({ reveal: fc.integer({ min: 0, max: 3000 }) }),
    );
    fc.assert(
      fc.property(fc.array(press, { maxLength: 40 }), (presses) => {
        let window = whole;
        for (const one of presses) {
          if ('zoom' in one) window = zoomWindow(window, whole, one.zoom, one.anchor);
          else if ('pan' in one) window = panWindow(window, whole, one.pan);
          else window = revealMoment(window, whole, one.reveal);
          expect(window.fromUs).toBeGreaterThanOrEqual(whole.fromUs - 1e-6);
          expect(window.untilUs).toBeLessThanOrEqual(whole.untilUs + 1e-6);
          expect(window.untilUs - window.fromUs).toBeGreaterThan(9.99);
        }
      }),
    );
  });
});

describe('placeBar', () => {
  const window = { fromUs: 100, untilUs: 200 };
  it.each<[number, number | null, { leftPercent: number; widthPercent: number } | null]>([
    [100, 200, { leftPercent: 0, widthPercent: 100 }],
    [150, 160, { leftPercent: 50, widthPercent: 10 }],
    [50, 110, { leftPercent: 0, widthPercent: 10 }],
    [190, 900, { leftPercent: 90, widthPercent: 10 }],
    [150, null, { leftPercent: 50, widthPercent: 0 }],
    [150, 140, { leftPercent: 50, widthPercent: 0 }],
    [0, 99, null],
    [201, null, null],
    [0, 900, { leftPercent: 0, widthPercent: 100 }],
  ])('%d to %s', (start, end, bar) => {
    expect(placeBar(window, start, end)).toEqual(bar);
  });
});

describe('binEvents', () => {
  it('counts an event in every slice it touches, and marks where it began', () => {
    const { nodes } = buildTraceTree([
      makeTraceEvent({ id: 'a', startedAtUs: 0, endedAtUs: 100 }),
      makeTraceEvent({ id: 'b', startedAtUs: 30, endedAtUs: null }),
      makeTraceEvent({ id: 'c', startedAtUs: 80, endedAtUs: 70 }),
    ]);
    const bins = binEvents(nodes, { fromUs: 0, untilUs: 100 }, 4, (node) => node.event.id === 'b');
    expect(bins).toEqual([
      { events: 1, errors: 0 },
      { events: 2, errors: 1 },
      { events: 1, errors: 0 },
      { events: 2, errors: 0 },
    ]);
  });
});

describe('axisTicks', () => {
  it('are round offsets from the start, inside the window, at most as many as asked', () => {
    expect(axisTicks({ fromUs: 1000, untilUs: 1100 }, 1000, 5)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(axisTicks({ fromUs: 1530, untilUs: 1570 }, 1000, 4)).toEqual([530, 540, 550, 560, 570]);
    const minuteUs = 60_000_000;
    expect(axisTicks({ fromUs: 0, untilUs: 6.8 * minuteUs }, 0, 6)).toEqual(
      [0, 2, 4, 6].map((minutes) => minutes * minuteUs),
    );
    expect(axisTicks({ fromUs: 0, untilUs: 40 * 86_400_000_000 }, 0, 6)[1]).toBe(
      7 * 86_400_000_000,
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 10, max: 1e12 }),
        (from, width) => {
          const window = { fromUs: from, untilUs: from + width };
          const ticks = axisTicks(window, 0, 6);
          expect(ticks.length).toBeLessThanOrEqual(7);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(window.fromUs - 1);
            expect(tick).toBeLessThanOrEqual(window.untilUs + 1);
          }
        },
      ),
    );
  });
});
