import type { FastifyInstance } from 'fastify';
import type { EventKey } from '#server/notifications/event-key.ts';
import type { PermitKey } from '#server/permits/permit-key.ts';

/**
 * `GET /.well-known/jwks.json`: with what anybody verifies the origin of a permit, of a lease that is a
 * JWT, or of a security event, open to everybody. The `typ` of a token says which of them it is.
 */
export function registerJwks(
  app: FastifyInstance,
  permitKey: PermitKey,
  eventKey: () => Promise<EventKey>,
): void {
  app.get('/.well-known/jwks.json', async (_request, reply) => {
    const { publicJwk } = await eventKey();
    return reply
      .type('application/jwk-set+json; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(JSON.stringify({ keys: [...permitKey.jwks.keys, publicJwk] }));
  });
}
