import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';

const inflate = promisify(gunzip);

/** A gzip body of a few bytes may still grow to this, whatever the ratio. */
const inflateFloorBytes = 1024 * 1024;

/**
 * The body as it was meant: inflated when it came as gzip, bounded before and after. A bomb stops at
 * the bound, not at the end of memory.
 * @throws AppError `payload_too_large`, `unsupported_media_type`, `bad_request`
 */
export async function readBody(
  raw: Uint8Array,
  contentEncoding: string | undefined,
  bytesMax: number,
): Promise<Uint8Array> {
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return checkSize(raw, bytesMax);
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new AppError('unsupported_media_type', 'Send the body as it is or as gzip.');
  }
  const bound = Math.min(
    bytesMax,
    Math.max(inflateFloorBytes, raw.length * limits.inflateRatioMax),
  );
  try {
    return await inflate(raw, { maxOutputLength: bound });
  } catch (cause) {
    const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax, cause);
    throw new AppError('bad_request', 'The body is not valid gzip.', { cause });
  }
}

function checkSize(body: Uint8Array, bytesMax: number): Uint8Array {
  if (body.length > bytesMax) throw tooLarge(bytesMax);
  return body;
}

function tooLarge(bytesMax: number, cause?: unknown): AppError {
  return new AppError(
    'payload_too_large',
    `The body is larger than ${bytesMax} bytes when inflated; send smaller batches.`,
    { cause },
  );
}
