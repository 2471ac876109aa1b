import { setTimeout as wait } from 'node:timers/promises';
import type { CrashBlow } from './crash-blow.ts';
import { withAdminPatiently } from './crash-database.ts';
import { type CrashDoors, jsonOf, keyCaller } from './crash-doors.ts';
import type { CrashStack } from './crash-stack.ts';
import {
  type AgentDoor,
  atWork,
  fallSilent,
  keepBeating,
  keepPolling,
  keepWorking,
  type Manner,
  type Reality,
  StreamAgent,
  type Witness,
  workOnce,
} from './stop-crash-agents.ts';
import type { StopStep } from './stop-crash-plan.ts';
import type { Crew } from './stop-crash-scene.ts';

const patienceMs = 60_000;

/** What the agents of a round say when they are stopped. */
export interface CrewPlan {
  /** The liar says that it stopped; else that it heard. */
  readonly liesOutright: boolean;
  /** The one that polls says that it stopped; else it falls silent. */
  readonly pollerAnswers: boolean;
}

/** The agents of a round at work: some obey, some do not, and each knows what it does. */
export class LivingCrew {
  readonly truthful: StreamAgent;
  readonly liar: StreamAgent;
  readonly witnesses: ReadonlyMap<string, Witness>;
  readonly #crew: Crew;
  readonly #plan: CrewPlan;
  readonly #doors: CrashDoors<StopStep>;
  readonly #blow: CrashBlow<StopStep>;
  readonly #poller = atWork();
  readonly #exporter = atWork();
  readonly #ended = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(crew: Crew, plan: CrewPlan, doors: CrashDoors<StopStep>, blow: CrashBlow<StopStep>) {
    this.#crew = crew;
    this.#plan = plan;
    this.#doors = doors;
    this.#blow = blow;
    this.truthful = new StreamAgent(crew.doors.truthful, true, async ({ stopId }) => {
      if (blow.take('told')) {
        await blow.fall();
        await blow.over();
      }
      await this.#answer('ack', this.truthful.door, this.truthful.reality, stopId, true);
      await this.#strikeAfter('acked');
    });
    this.liar = new StreamAgent(crew.doors.liar, false, ({ stopId }) =>
      this.#answer(null, this.liar.door, this.liar.reality, stopId, plan.liesOutright),
    );
    const realities: readonly (readonly [Manner, Reality])[] = [
      ['truthful', this.truthful.reality],
      ['liar', this.liar.reality],
      ['poller', this.#poller],
      ['silent', atWork()],
      ['exporter', this.#exporter],
    ];
    this.witnesses = new Map(
      realities.map(([manner, reality]) => [crew.doors[manner].slug, { manner, reality }]),
    );
  }

  /** Everybody is at work and known, the silent one by what it was before. */
  async begin(): Promise<void> {
    const { doors } = this.#crew;
    const ended = this.#ended.signal;
    await fallSilent(doors.silent);
    const pollerAnswers = this.#plan.pollerAnswers
      ? (stopId: string) => this.#answer(null, doors.poller, this.#poller, stopId, true)
      : null;
    this.#running = Promise.all([
      this.truthful.follow(ended),
      keepBeating(doors.truthful, ['control', 'liveness'], ended),
      this.liar.follow(ended),
      keepWorking(doors.liar, this.liar.reality, ended),
      keepPolling(doors.poller, this.#poller, pollerAnswers, ended),
      keepWorking(doors.exporter, this.#exporter, ended),
    ]);
    await until('streams are open', () =>
      [this.truthful, this.liar].every((agent) => agent.lastEventId !== null),
    );
    await until('work is told', () => this.#exporter.workedAtMs !== null);
  }

  /** Which stop each stream that is opened from now on has to tell of. */
  expect(stopId: string | null): void {
    for (const agent of [this.truthful, this.liar]) agent.due = stopId;
  }

  get untold(): number {
    return this.truthful.untold + this.liar.untold;
  }

  /** Until whoever listens has heard of it; the truthful one has said what it does. */
  async haveHeard(stopId: string, epoch: number): Promise<void> {
    await until('streams tell of the stop', () =>
      [this.truthful, this.liar].every((agent) => (agent.knows(stopId) ?? -1) >= epoch),
    );
    await until('the answers are given', () =>
      [this.truthful, this.liar].every((agent) => agent.reality.hasAnswered),
    );
    await until('it polled', () => this.#poller.haltedAtMs !== null);
  }

  /** Until the truthful one knows that no stop holds it, and has worked again. */
  async goesOn(): Promise<void> {
    const { reality, door } = this.truthful;
    await until('it is told that it may go on', () => reality.haltedAtMs === null);
    await workOnce(door, reality, this.#ended.signal);
  }

  /** The liar does one more thing. */
  violate(): Promise<void> {
    return workOnce(this.liar.door, this.liar.reality, this.#ended.signal);
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #strikeAfter(step: StopStep): Promise<void> {
    if (!this.#blow.take(step)) return;
    await this.#blow.fall();
    await this.#blow.over();
  }

  async #answer(
    step: StopStep | null,
    { key, instanceId }: AgentDoor,
    reality: Reality,
    stopId: string,
    hasStopped: boolean,
  ): Promise<void> {
    const state = hasStopped ? 'stopped' : 'acknowledged';
    Object.assign(reality, { hasAnswered: true, saidStopped: hasStopped });
    const body = JSON.stringify({ stopId, instanceId, state, inFlight: 0 });
    const headers = { ...keyCaller(key), 'content-type': 'application/json' };
    await jsonOf(await this.#doors.post(step, '/api/v1/control/ack', body, headers));
  }
}

/**
 * Moves the last word of the silent one to before the stop; and, for those in a hurry, the time of the stop, of
 * what the liar answered and of the start of the web ten seconds back, as if they had gone by; not that of the
 * web in a dark round, which is about just that. What others asked before their answer
 * would look as if it came after it, so theirs stays.
 */
export async function letTimePass(
  stack: CrashStack,
  stopUuid: string,
  { silent, liar }: Readonly<Record<'silent' | 'liar', AgentDoor>>,
  {
    isHurried,
    isDark,
    awaySeconds,
  }: { readonly isHurried: boolean; readonly isDark: boolean; readonly awaySeconds: number },
): Promise<void> {
  const seconds = isHurried ? 10 : 0;
  await withAdminPatiently(stack, async (sql) => {
    await sql`update stops set placed_at = placed_at - make_interval(secs => ${seconds})
      where id = ${stopUuid}`;
    await sql`update stop_receipts r
      set acknowledged_at = acknowledged_at - make_interval(secs => ${seconds})
      from agents a where a.id = r.agent_id and a.slug = ${liar.slug} and r.stop_id = ${stopUuid}`;
    if (isHurried && !isDark) {
      await sql`update processes set last_seen_at = now(),
        started_at = started_at - make_interval(secs => ${seconds}) where role = 'web'`;
    }
    await sql`update instance_beats b set (beat_at, stream_seen_at) = (select t.at, t.at
        from (select s.placed_at - make_interval(secs => ${awaySeconds}) as at
          from stops s where s.id = ${stopUuid}) t)
      where b.agent_id = (select id from agents where slug = ${silent.slug})`;
  });
}

/** Waits until it is so. @throws Error when it is not in time */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = patienceMs,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; ; await wait(20)) {
    if (await isSo()) return;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
  }
}
