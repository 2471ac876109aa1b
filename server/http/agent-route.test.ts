import { drizzle } from 'drizzle-orm/postgres-js';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Db } from '#db/client.ts';
import { AppError } from '#server/kernel/errors.ts';
import { createLog } from '#server/kernel/log.ts';
import { type AgentRoute, registerAgentRoute } from './agent-route.ts';

/** A database that takes every question and answers none, as one whose host has stalled. */
const silent = Object.assign(drizzle.mock(), {
  $client: () => new Promise<never>(() => undefined),
}) as unknown as Db;

function ask(change: Partial<AgentRoute> = {}) {
  const app = Fastify();
  const route: AgentRoute = {
    method: 'POST',
    url: '/door',
    permission: 'actions.ask',
    bodyBytesMax: 1000,
    answerMs: 20,
    handle: async () => ({ status: 200, body: {} }),
    ...change,
  };
  registerAgentRoute(app, { db: silent, log: createLog('silent', 'test') }, route);
  const key = `sbk_agent_01m8ex403sf6as09f9vmk3sevp_${'0'.repeat(43)}`;
  return app.inject({
    method: 'POST',
    url: '/door',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    payload: '{}',
  });
}

describe('a door whose database is connected and silent', () => {
  it('says so within its time, and when to come back', async () => {
    const answer = await ask();
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.json()).toMatchObject({
      type: '/problems/store-unavailable',
      detail: 'The database does not answer in time; send the same request again later.',
    });
  });

  it('refuses first what holds without a database', async () => {
    const answer = await ask({
      refuseWithoutDatabase: () => {
        throw new AppError('halted', 'The stop file is present.');
      },
    });
    expect(answer.statusCode).toBe(423);
  });
});
