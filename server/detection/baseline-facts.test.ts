import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStates, writeStates } from '#server/detection/internal/detector-state.ts';
import { knownAgents, readAgentMemory } from '#server/detection/internal/agent-memory.ts';
import { createReplayFacts } from '#server/detection/replay-facts.ts';
import { buildPack } from '#server/detection/rule-pack.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { storedEvent } from '#server/testing/stored-event.ts';

/** The detector, which keeps baselines in the database, and a replay, which keeps them in memory. */
const bed = openTestDatabase();

function packOf(field: string) {
  const compiled = compileSource(`title: r
name: r
logsource: { product: ai_agent }
detection: { s: { ${field}|gte: 3 }, condition: s }
`);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return buildPack([{ ruleId: 'rul_1', version: 1, rules: compiled.rules }]);
}

const base = Date.parse('2026-01-01T00:00:00Z');

/** The first mostly, now and then another. */
const often = <const Value>(usual: Value, ...others: readonly Value[]) =>
  fc.nat(8 * others.length).map((number): Value => others[number] ?? usual);

const events = fc
  .array(
    fc.record({
      agentId: often('one', 'two'),
      identity: often('verified', 'claimed'),
      kind: often('tool_call', 'data_access'),
      name: fc.constantFrom('a', 'a', 'a', 'b', 'c'),
      traceId: fc.constantFrom('1', '2', '3'),
      phase: often(null, 'start', 'end'),
      revision: often(0, 1),
      status: often('ok', 'error'),
      // Some twenty-five events an hour, in bursts.
      gapMinutes: fc.nat(24).map((number) => (number === 0 ? 60 : 0)),
      lateMinutes: often(0, 9, 90),
      key: fc.constantFrom('x', 'y', 'z'),
      host: often('a.example', 'b.example', 'c.example'),
    }),
    { minLength: 3000, maxLength: 4000, size: 'max' },
  )
  .map((items) => {
    let minutes = 0;
    return items.map(({ gapMinutes, lateMinutes, key, host, ...more }, index) => {
      minutes += gapMinutes;
      const instant = (at: number) => new Date(base + at * 60_000).toISOString();
      const data = { resource: `${key}/1`, classes: [more.name] };
      const body = { input: { [key]: 1, url: `https://${host}/` }, data };
      const startedAt = instant(minutes - lateMinutes);
      return storedEvent({
        ...more,
        id: `e${index}`,
        startedAt,
        receivedAt: instant(minutes),
        body,
      });
    });
  });

describe('what is usual of an agent', () => {
  it('is the same to the detector, in batches and over restarts, and to a replay', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(events, fc.integer({ min: 50, max: 400 }), async (items, size) => {
        const tenant = await makeTenant(bed);
        const ctx = makeCtx(bed.owner, tenant.id, cliActor);
        const replay = createReplayFacts(packOf('agent.tool.volume_sigma'), new Map());
        let known = knownAgents();
        for (let begin = 0; begin < items.length; begin += size) {
          const batch = items.slice(begin, begin + size);
          await withTransaction(ctx, async (tx) => {
            const memory = await readAgentMemory(tx, ctx, batch, known);
            for (const event of batch) {
              const facts = memory.noteBaseline(event);
              expect(facts).toEqual(replay.note(event).baseline);
              for (const [kind, reading] of Object.entries(facts)) {
                if (reading !== null) seen.add(kind);
              }
            }
            await writeStates(tx, ctx, memory.changed());
            memory.keep();
          });
          // Every other time somebody else leads the tenant, who knows only what is stored.
          if ((begin / size) % 2 === 0) known = knownAgents();
        }
      }),
      // Shrinking thousands of events would take hours and tell little.
      { numRuns: 3, endOnFailure: true },
    );
    // Neither would differ if neither said anything.
    for (const kind of ['volume', 'errors', 'sequence', 'shape', 'destination', 'scope', 'drift']) {
      expect(seen).toContain(kind);
    }
  }, 60_000);

  it('is not fed by what a key only claims of an agent', async () => {
    const tenant = await makeTenant(bed);
    const ctx = makeCtx(bed.owner, tenant.id, cliActor);
    await withTransaction(ctx, async (tx) => {
      const batch = (['verified', 'claimed', 'claimed'] as const).map((identity, index) =>
        storedEvent({ id: `e${index}`, agentId: 'one', identity, name: identity }),
      );
      const memory = await readAgentMemory(tx, ctx, batch, knownAgents());
      for (const event of batch) memory.noteBaseline(event);
      await writeStates(tx, ctx, memory.changed());
      const keys = ['one', 'one:claimed'].map((key) => ({ scope: 'baseline', key }));
      const rows = (await readStates(tx, ctx, keys)).toSorted((a, b) => (a.key < b.key ? -1 : 1));
      const found = rows.map(({ key, state }) => {
        const { calls, tools } = state as { calls: number; tools: { name: string }[] };
        return [key, calls, tools.map(({ name }) => name)];
      });
      expect(found).toEqual([
        ['one', 1, ['verified']],
        ['one:claimed', 2, ['claimed']],
      ]);
    });
  });

  it('is not kept by a replay whose rules do not ask', () => {
    const replay = createReplayFacts(packOf('agent.error_rate_5m'), new Map());
    const asked = createReplayFacts(packOf('agent.drift.sigma'), new Map());
    const data = { resource: 'accounts/1' };
    const facts = (note: typeof replay.note) =>
      Array.from({ length: 60 }, (_, index) =>
        note(storedEvent({ id: `e${index}`, name: 'a', body: { data } })),
      ).at(-1)?.baseline.scope;
    expect(facts(replay.note)).toBeNull();
    expect(facts(asked.note)).not.toBeNull();
  });
});
