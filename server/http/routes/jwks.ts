import type { FastifyInstance } from 'fastify';
import type { PermitKey } from '#server/permits/permit-key.ts';

/** `GET /.well-known/jwks.json`: with what anybody verifies a permit's origin, open to everybody. */
export function registerJwks(app: FastifyInstance, permitKey: PermitKey): void {
  const text = JSON.stringify(permitKey.jwks);
  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply
      .type('application/jwk-set+json; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(text),
  );
}
