import type { FastifyInstance } from 'fastify';
import { registerAgentRoute } from '#server/http/agent-route.ts';
import type { Services } from '#server/kernel/services.ts';
import type { Ingest } from '#server/ingest/store-events.ts';
import { eventsRoute } from './events.ts';
import { otlpRoutes } from './otlp.ts';
import { serviceReadRoutes } from './service-reads.ts';

/** Every machine door, in one place: what is not registered here does not exist. */
export function registerDoors(app: FastifyInstance, services: Services, ingest: Ingest): void {
  for (const route of [...otlpRoutes(ingest), eventsRoute(ingest), ...serviceReadRoutes()]) {
    registerAgentRoute(app, services, route);
  }
}
