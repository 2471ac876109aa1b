import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '#server/telemetry/wire/contract.ts';
import { makeTraceEvent } from '#server/testing/trace-event-factory.ts';
import {
  buildTraceTree,
  nextError,
  pathTo,
  type TraceTree,
  visibleNodes,
} from './prepare-trace-tree.ts';

type Sketch = Partial<TraceEvent> & { readonly id: string };

function treeOf(...events: Sketch[]): TraceTree {
  return buildTraceTree(
    events.map((event, index) => makeTraceEvent({ startedAtUs: index, endedAtUs: null, ...event })),
  );
}

/** `root(child(leaf) child)` in one line. */
function outline(tree: TraceTree): string {
  return tree.nodes.map((node) => `${'.'.repeat(node.depth)}${node.event.id}`).join(' ');
}

const span = (id: string, spanId: string, parentSpanId: string | null = null): Sketch => ({
  id,
  spanId,
  parentSpanId,
});

describe('buildTraceTree', () => {
  it.each<[string, Sketch[], string]>([
    ['nothing', [], ''],
    ['events without spans', [{ id: 'a' }, { id: 'b' }], 'a b'],
    ['a chain', [span('a', '1'), span('b', '2', '1'), span('c', '3', '2')], 'a .b ..c'],
    ['siblings by time', [span('a', '1'), span('b', '2', '1'), span('c', '3', '1')], 'a .b .c'],
    ['children told before their parent', [span('b', '2', '1'), span('a', '1')], 'a .b'],
    ['a log line under its span', [span('a', '1'), { id: 'l', parentSpanId: '1' }], 'a .l'],
    ['two events of one span', [span('a', '1'), span('b', '1')], 'a .b'],
    ['a parent that never came', [span('b', '2', '9'), span('c', '3', '2')], 'b .c'],
    ['its own parent', [span('a', '1', '1')], 'a'],
    ['a ring of two', [span('a', '1', '2'), span('b', '2', '1')], 'a .b'],
    [
      'a ring with a tail',
      [span('t', '9', '1'), span('a', '1', '2'), span('b', '2', '3'), span('c', '3', '1')],
      'a .t .c ..b',
    ],
    [
      'the latest telling of each event',
      [span('a', '1'), { ...span('a', '1'), revision: 1 }, { id: 'b' }],
      'a b',
    ],
  ])('%s', (_name, events, expected) => {
    expect(outline(treeOf(...events))).toBe(expected);
  });

  it('says what is missing and what was replaced', () => {
    const tree = treeOf(span('b', '2', '9'), { ...span('b', '2', '9'), revision: 2 });
    expect(tree.nodes[0]).toMatchObject({ isOrphan: true, event: { revision: 2 } });
    expect(tree.revisionsHidden).toBe(1);
  });

  it('ends a call told in two phases when its second telling does', () => {
    const tree = treeOf(
      { id: 's', phase: 'start', callId: 'c', startedAtUs: 5 },
      { id: 'e', phase: 'end', callId: 'c', startedAtUs: 9, endedAtUs: 12 },
      { id: 'open', phase: 'start', callId: 'd', startedAtUs: 6 },
    );
    expect(tree.byId.get('s')?.endedAtUs).toBe(12);
    expect(tree.byId.get('open')?.endedAtUs).toBeNull();
  });

  it('adds up the errors below each node, and spans the whole of the trace', () => {
    const tree = treeOf(
      span('a', '1'),
      { ...span('b', '2', '1'), status: 'error' },
      { ...span('c', '3', '2'), kind: 'error', startedAtUs: 3, endedAtUs: 50 },
    );
    expect(tree.nodes.map((node) => node.errorsBelow)).toEqual([2, 1, 0]);
    expect(tree).toMatchObject({ startUs: 0, endUs: 50 });
  });

  it('takes a chain of twenty thousand and a ring of as many in a moment', () => {
    const size = 20_000;
    const chain = Array.from({ length: size }, (_, index) =>
      span(`e${index}`, String(index + 1), String(index)),
    );
    const ring = chain.map((event, index) =>
      index === 0 ? { ...event, parentSpanId: String(size) } : event,
    );
    const startedAt = performance.now();
    expect(treeOf(...chain).nodes.at(-1)?.depth).toBe(size - 1);
    expect(treeOf(...ring).nodes).toHaveLength(size);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('places every event exactly once, below its parent, whatever they name', () => {
    const event = fc.record({
      spanId: fc.option(fc.constantFrom('1', '2', '3', '4')),
      parentSpanId: fc.option(fc.constantFrom('1', '2', '3', '4', '9')),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (raw) => {
        const tree = treeOf(...raw.map((fields, index) => ({ id: `e${index}`, ...fields })));
        expect(tree.nodes.map((node) => node.event.id).toSorted()).toEqual(
          raw.map((_, index) => `e${index}`).toSorted(),
        );
        for (const node of tree.nodes) {
          expect(node.depth).toBe(node.parent === null ? 0 : node.parent.depth + 1);
          expect(node.parent === null || node.parent.children.includes(node)).toBe(true);
        }
      }),
    );
  });
});

describe('visibleNodes', () => {
  const tree = treeOf(
    span('a', '1'),
    span('b', '2', '1'),
    span('c', '3', '2'),
    span('d', '4', '1'),
    span('z', '9'),
  );
  it.each<[string[], string]>([
    [[], 'a b c d z'],
    [['b'], 'a b d z'],
    [['a'], 'a z'],
    [['a', 'b'], 'a z'],
    [['c', 'z'], 'a b c d z'],
    [['nobody'], 'a b c d z'],
  ])('closed %j', (closed, expected) => {
    const shown = visibleNodes(tree, new Set(closed));
    expect(shown.map((node) => node.event.id).join(' ')).toBe(expected);
  });

  it('pathTo names what has to be open', () => {
    const node = tree.byId.get('c');
    expect(node && pathTo(node)).toEqual(['b', 'a']);
  });
});

describe('nextError', () => {
  const tree = treeOf(
    { id: 'a' },
    { id: 'b', status: 'error' },
    { id: 'c' },
    { id: 'd', kind: 'error' },
  );
  it.each<[string | null, 1 | -1, string]>([
    [null, 1, 'b'],
    ['a', 1, 'b'],
    ['b', 1, 'd'],
    ['d', 1, 'b'],
    ['d', -1, 'b'],
    ['b', -1, 'd'],
    ['c', -1, 'b'],
    [null, -1, 'd'],
  ])('from %s by %d', (from, step, expected) => {
    expect(nextError(tree, from, step)?.event.id).toBe(expected);
  });

  it('finds none where there is none', () => {
    expect(nextError(treeOf({ id: 'a' }), 'a', 1)).toBeNull();
  });
});
