import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { createRequestContext } from '#server/auth/request-context.ts';
import { exportEvidence } from '#server/containment/contain/export-evidence.ts';
import type { Services } from '#server/kernel/services.ts';

const paramsSchema = z.object({ id: z.string() });

/**
 * `GET /api/v1/containments/:id/evidence?tenant=…`: what a containment has preserved, as one JSON file that a
 * third party can check; for people with their sign-in cookie. Written down in the audit log first.
 */
export function registerContainmentEvidence(app: FastifyInstance, services: Services): void {
  app.get('/api/v1/containments/:id/evidence', async (request, reply) => {
    const call = createRequestContext(services, request);
    await call.openPerson();
    const ctx = await call.openTenant();
    const { id } = paramsSchema.parse(request.params);
    const file = await exportEvidence(ctx, id);
    return reply
      .type('application/json; charset=utf-8')
      .header('content-disposition', `attachment; filename="signalbox-evidence-${id}.json"`)
      .header('cache-control', 'no-store')
      .send(JSON.stringify(file));
  });
}
