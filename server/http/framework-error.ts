import { AppError } from '#server/kernel/errors.ts';

/**
 * What Fastify refuses before a door is asked (a body over its bound, broken framing), in our own
 * words; anything else comes back as it is.
 */
export function fromFramework(error: unknown): unknown {
  const statusCode: unknown =
    error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  switch (statusCode) {
    case 413:
      return new AppError('payload_too_large', 'The body is too large; send smaller batches.');
    case 400:
    case 414:
      return new AppError(
        'bad_request',
        'The request could not be read; check its address, headers and body.',
      );
    case 415:
      return new AppError('unsupported_media_type', 'Send JSON, or OTLP as protobuf or JSON.');
    default:
      return error;
  }
}
