import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import {
  type LadderRow,
  standingStopSchema,
  type StopDetail,
  stopDetailSchema,
} from '#server/containment/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { type Caller, type CrashDoors, jsonOf } from './crash-doors.ts';
import type { Reality, Witness } from './stop-crash-agents.ts';
import type { StopLedger } from './stop-crash-ledger.ts';

const lookEachMs = 150;

type Doors = Pick<CrashDoors<never>, 'fetch' | 'queryOnce'>;

/** An instance at the moment before a ladder was asked for. */
interface Before extends Reality {
  readonly witness: Witness;
}

/** What a green row rests on; null where it is not so. */
type Ground = 'halted' | 'its word';

const isGreen = ({ step }: LadderRow) => step === 'quiet' || step === 'cut';

const epochMs = (at: string) => (at === '' ? 0 : Date.parse(at));

/**
 * Whether an instance may be shown green: it does nothing, and said so or was silent for long enough. The
 * word of one that lies is believed until work is known that it began later. What was so just before a look
 * or just after it counts in favour of what is shown.
 */
function groundOf(row: LadderRow, stop: StopDetail, before: Before): Ground | null {
  const { reality, manner } = before.witness;
  if (manner === 'liar') {
    const heardMs = Math.max(...[stop.placedAt, row.acknowledgedAt ?? ''].map(epochMs));
    const isKnown = (before.workedAtMs ?? 0) > heardMs + limits.stopSkewMs;
    return reality.saidStopped && !isKnown ? 'its word' : null;
  }
  if (before.haltedAtMs === null && reality.haltedAtMs === null) return null;
  const isSaid = before.saidStopped || reality.saidStopped;
  const silentMs = Date.parse(stop.at) - Date.parse(stop.placedAt);
  return isSaid || silentMs >= limits.quietMs ? 'halted' : null;
}

/** Looks at the ladder of one stop all the while, as programs and as pages have it. */
export class LadderWatch {
  readonly #doors: Doors;
  readonly #program: Caller;
  readonly #person: Caller;
  readonly #ledger: StopLedger;
  readonly #witnesses: ReadonlyMap<string, Witness>;
  #stopId: string | null = null;
  #looks = 0;

  constructor(
    doors: Doors,
    callers: { readonly program: Caller; readonly person: Caller },
    ledger: StopLedger,
    witnesses: ReadonlyMap<string, Witness>,
  ) {
    this.#doors = doors;
    this.#program = callers.program;
    this.#person = callers.person;
    this.#ledger = ledger;
    this.#witnesses = witnesses;
  }

  /** Which stop is looked at from now on. */
  turnTo(stopId: string): void {
    this.#stopId = stopId;
  }

  /** Until the round is over; looks that nobody answers are none. */
  async keep(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      if (this.#stopId !== null) await this.#lookOnce(ended).catch(() => undefined);
      await wait(lookEachMs, undefined, { signal: ended }).catch(() => undefined);
    }
  }

  /** A look that has to be answered, and until it shows what is wanted. @throws Error when it never does */
  async until(
    what: string,
    isShown: (stop: StopDetail) => boolean,
    withinMs: number,
  ): Promise<StopDetail> {
    const never = new AbortController().signal;
    for (const deadline = Date.now() + withinMs; ; await wait(50)) {
      const stop = await this.#lookOnce(never).catch(() => null);
      if (stop !== null && isShown(stop)) return stop;
      if (Date.now() > deadline) {
        const rows = stop?.ladder.map((row) => `${row.agent} ${row.step}: ${row.evidence}`);
        throw new Error(`never shown: ${what}\n${rows?.join('\n') ?? 'no ladder'}`);
      }
    }
  }

  async #lookOnce(ended: AbortSignal): Promise<StopDetail | null> {
    const id = this.#stopId;
    if (id === null) return null;
    this.#looks += 1;
    if (this.#looks % 5 === 0) await this.#lookAtBanner(id, ended);
    const before = this.#before();
    const stop = stopDetailSchema.parse(
      this.#looks % 2 === 0 ? await this.#ofProgram(id, ended) : await this.#ofPage(id, ended),
    );
    this.#ledger.looks += 1;
    this.#judge(stop, before);
    return stop;
  }

  #before(): ReadonlyMap<string, Before> {
    return new Map(
      [...this.#witnesses].map(([slug, witness]) => [slug, { ...witness.reality, witness }]),
    );
  }

  async #ofProgram(id: string, signal: AbortSignal): Promise<unknown> {
    const init = { headers: this.#program, signal };
    return jsonOf(await this.#doors.fetch(`/api/v1/stops/${id}`, init));
  }

  async #ofPage(id: string, signal: AbortSignal): Promise<unknown> {
    return this.#doors.queryOnce(this.#person, 'stops.get', { id }, signal);
  }

  #judge(stop: StopDetail, before: ReadonlyMap<string, Before>): void {
    // A lifted stop shows what was; of a credential's only the cut of its holder is proven by us.
    if (stop.state === 'lifted') return;
    for (const row of stop.ladder) {
      const instance = before.get(row.agent);
      if (instance === undefined) continue;
      if (isGreen(row)) this.#judgeGreen(row, stop, instance);
      const hasAnswered = instance.hasAnswered || instance.witness.reality.hasAnswered;
      if (row.acknowledgedAt !== null && !hasAnswered) {
        this.#ledger.fault('answerMadeUp', `${row.agent} ${row.step}: ${row.evidence}`);
      }
    }
  }

  #judgeGreen(row: LadderRow, stop: StopDetail, before: Before): void {
    const ground = groundOf(row, stop, before);
    const { manner } = before.witness;
    this.#ledger.green[manner] += ground === null ? 0 : 1;
    if (ground !== null) return;
    const kind =
      manner === 'liar'
        ? 'violatorGreen'
        : manner === 'silent'
          ? 'unreachableGreen'
          : 'shownUnproven';
    this.#ledger.fault(kind, `${row.agent} ${row.step}: ${row.evidence}`);
  }

  /** The banner may count no more instances as quiet than there are that could be. */
  async #lookAtBanner(id: string, signal: AbortSignal): Promise<void> {
    const before = this.#before();
    const all = z
      .array(standingStopSchema)
      .parse(await this.#doors.queryOnce(this.#person, 'stops.standing', null, signal));
    const mine = all.find((one) => one.id === id);
    if (mine === undefined || mine.scope.kind !== 'environment' || mine.counts === null) return;
    const possible = [...before.values()].filter(
      ({ haltedAtMs, witness: { manner, reality } }) =>
        haltedAtMs !== null ||
        reality.haltedAtMs !== null ||
        (manner === 'liar' && reality.saidStopped),
    );
    const { quiet, cut } = mine.counts;
    if (quiet + cut > possible.length) {
      this.#ledger.fault('bannerUntrue', `${quiet} quiet, ${cut} cut of ${possible.length}`);
    }
  }
}
