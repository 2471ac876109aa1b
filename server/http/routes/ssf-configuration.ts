import type { FastifyInstance } from 'fastify';

/**
 * `GET /.well-known/ssf-configuration` (SSF 1.0, section 7.1): who transmits security events, with which
 * keys, and how. Receivers are set up by an administrator as channels, so there is no endpoint at which
 * one could set up a stream itself, and none is named. `url`: the public address.
 */
export function registerSsfConfiguration(app: FastifyInstance, url: string): void {
  const text = JSON.stringify({
    spec_version: '1_0',
    issuer: url,
    jwks_uri: `${url}/.well-known/jwks.json`,
    delivery_methods_supported: ['urn:ietf:rfc:8935'],
    default_subjects: 'ALL',
  });
  app.get('/.well-known/ssf-configuration', (_request, reply) =>
    reply
      .type('application/json; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(text),
  );
}
