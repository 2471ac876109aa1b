import { timingSafeEqual } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { answerInTime } from '#server/kernel/answer-in-time.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Services } from '#server/kernel/services.ts';
import { sha256 } from '#server/kernel/hash.ts';
import { problemOf } from '../problem.ts';

/** Numbers of this process for Prometheus; made once per server. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'signalbox_' });
  return registry;
}

interface ReadyRow extends Record<string, unknown> {
  readonly migrations: number;
  readonly worker_age_seconds: number | null;
}

/** Whether the database answers, its schema is current and a worker is alive. */
async function readReadiness(services: Services): Promise<{
  ok: boolean;
  checks: Record<string, boolean>;
}> {
  const checks = { database: false, schema: false, worker: false };
  try {
    const asked = services.db.execute<ReadyRow>(sql`
      select signalbox_migrations_applied() as migrations,
        extract(epoch from now() - max(last_seen_at))::float8 as worker_age_seconds
      from processes where role = 'worker'`);
    const [row] = await answerInTime(asked, limits.readinessMs);
    checks.database = true;
    checks.schema = row?.migrations === expectedMigrations();
    const ageSeconds = row?.worker_age_seconds ?? Number.POSITIVE_INFINITY;
    checks.worker = ageSeconds * 1000 < 3 * limits.processBeatMs;
  } catch (error) {
    services.log.warn({ err: error }, 'readiness: the database does not answer');
  }
  return { ok: Object.values(checks).every(Boolean), checks };
}

let expected: number | null = null;

/** How many migrations this build carries. */
function expectedMigrations(): number {
  expected ??= readdirSync(new URL('../../../db/migrations', import.meta.url)).filter((file) =>
    file.endsWith('.sql'),
  ).length;
  return expected;
}

/** `/healthz` (this process), `/readyz` (what it needs), `/metrics` (own token; else 404). */
export function registerHealth(app: FastifyInstance, services: Services, metrics: Registry): void {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const readiness = await readReadiness(services);
    return reply.code(readiness.ok ? 200 : 503).send(readiness);
  });
  app.get('/metrics', async (request, reply) => {
    const token = services.env.SIGNALBOX_METRICS_TOKEN;
    const given = request.headers.authorization ?? '';
    if (token === undefined || !timingSafeEqual(sha256(`Bearer ${token}`), sha256(given))) {
      return reply
        .code(404)
        .type('application/problem+json')
        .send({
          ...problemOf(null, request.id),
          type: '/problems/not-found',
          title: 'Not found',
          status: 404,
          detail: 'There is nothing here.',
        });
    }
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
}
