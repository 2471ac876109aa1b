import type { FastifyInstance } from 'fastify';
import type { Services } from '#server/kernel/services.ts';
import type { Ingest } from '#server/ingest/store-events.ts';

/** Every machine door, in one place: what is not registered here does not exist. */
export function registerDoors(_app: FastifyInstance, _services: Services, _ingest: Ingest): void {}
