import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { createSql } from '#db/client.ts';
import { eraseSealedArguments } from '#server/approvals/erase-sealed-arguments.ts';
import { finishContainments } from '#server/containment/contain/finish-containments.ts';
import { carryOutResponses } from '#server/containment/respond/carry-out-responses.ts';
import { watchResumptions } from '#server/containment/watch-resumptions.ts';
import { createBrokerTools } from '#server/credentials/broker-tools.ts';
import { createDrillRunner } from '#server/containment/drills/run-drills.ts';
import { markPending } from '#server/credentials/outside/mark-pending.ts';
import { createRevokeWorker } from '#server/credentials/revoke-worker.ts';
import { createDetector } from '#server/detection/detector.ts';
import { createBacktestRunner } from '#server/detection/run-backtests.ts';
import { createHoldSweeper } from '#server/detection/sweep-hold.ts';
import { limits } from '#server/kernel/limits.ts';
import { createChannelTools } from '#server/notifications/channel-tools.ts';
import { createDeliverer } from '#server/notifications/deliver.ts';
import { finishDrains } from '#server/gate/finish-drains.ts';
import { watchStopFile } from '#server/gate/watch-stop-file.ts';
import { keepProcessRow } from '#server/jobs/keep-process-row.ts';
import { stopFile } from '#server/kernel/env.ts';
import type { Services } from '#server/kernel/services.ts';
import { assembler } from '#server/telemetry/assemble-traces.ts';
import { indexer } from '#server/telemetry/index-search.ts';
import { readTail } from '#server/telemetry/read-tail.ts';
import { createTailRunner, type TailRunner } from '#server/telemetry/tail-consumer.ts';
import { createTailFeed } from '#server/telemetry/tail-feed.ts';

/** A running worker: the readers of the log and the upkeep of its partitions. */
export interface Worker {
  /** Ends what is in hand; the caller closes the pool. */
  readonly close: () => Promise<void>;
}

/** Work that is done again and again. */
interface Repeated {
  readonly close: () => Promise<void>;
}

const upkeepMs = 60 * 60_000;

/** Starts the background role. Any number may run: each reader has one leader per shard of tenants. */
export async function startWorker(
  services: Services,
  workerUrl: string,
  fingerprints: string,
): Promise<Worker> {
  const leaderSession = createSql(workerUrl, {
    connectionsMax: 1,
    applicationName: 'signalbox-leader',
  });
  const consumers = [createDetector({ log: services.log }), assembler, indexer];
  const feed = createTailFeed(readTail, consumers.length);
  const options = { db: services.db, feed, log: services.log, leaderSession };
  const runners: readonly TailRunner[] = consumers.map((consumer) =>
    createTailRunner(consumer, options),
  );
  for (const runner of runners) runner.start();
  const row = await keepProcessRow(services.db, services.log, 'worker', fingerprints);
  const upkeep = async (): Promise<void> => {
    try {
      await services.db.execute(sql`select ensure_event_partitions(7)`);
    } catch (error) {
      services.log.error({ err: error }, 'partitions of the coming days could not be made');
    }
    try {
      await eraseSealedArguments(services.db);
    } catch (error) {
      services.log.error({ err: error }, 'sealed arguments of long ended actions were not erased');
    }
  };
  await upkeep();
  const sweeper = createHoldSweeper({ db: services.db, log: services.log });
  const sweeps = repeat(limits.holdSweepMs, services.log, () => sweeper.pass());
  const runner = createBacktestRunner({ db: services.db, log: services.log });
  const backtests = repeat(limits.backtestPollMs, services.log, () => runner.pass());
  const tools = createChannelTools(services);
  const deliverer = createDeliverer({ db: services.db, log: services.log, tools });
  const routing = repeat(limits.routingPollMs, services.log, () => deliverer.pass());
  const timer = setInterval(() => void upkeep(), upkeepMs);
  const broker = workForBroker(services);
  const containing = containByItself(services);
  const drilling = repeat(limits.drillPollMs, services.log, createDrillRunner(services).pass);
  const stopWatch = watchStopFile(services, stopFile(services.env));
  const drains = finishDrains(services);
  return {
    close: async () => {
      clearInterval(timer);
      runner.close();
      await backtests.close();
      await routing.close();
      await deliverer.close();
      await sweeps.close();
      await broker.close();
      await Promise.all([containing.close(), drilling.close()]);
      await drains.close();
      await stopWatch.close();
      await Promise.all(runners.map((runner) => runner.close()));
      await leaderSession.end();
      await row.close();
    },
  };
}

/** Brings revocations to their providers, and marks kept secrets that nobody looks for yet. */
function workForBroker({ db, log, env, secrets }: Services): Repeated {
  const tools = createBrokerTools(env, secrets);
  const revoker = createRevokeWorker({ db, log, tools });
  const revoking = repeat(limits.revocationPollMs, log, () => revoker.pass());
  const marking = repeat(limits.markPendingMs, log, () => markPending(db, log, tools));
  return {
    close: async () => {
      await Promise.all([revoking.close(), marking.close()]);
      await revoker.settle();
    },
  };
}

/** Does what rules have ordered, holds who alarms again, and finishes what somebody began to contain. */
function containByItself({ db, log }: Services): Repeated {
  return repeat(limits.containmentSweepMs, log, async () => {
    await carryOutResponses(db, log);
    await watchResumptions(db, log);
    await finishContainments(db, log);
  });
}

/** Runs `work` again and again with a pause in between, until closed. */
function repeat(pauseMs: number, log: Services['log'], work: () => Promise<unknown>): Repeated {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await work();
      } catch (error) {
        log.warn({ err: error }, 'a sweep failed; it is tried again');
      }
      await wait(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = loop();
  return {
    close: async (): Promise<void> => {
      stopped.abort();
      await running;
    },
  };
}
