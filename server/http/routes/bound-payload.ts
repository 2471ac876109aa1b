import { Readable } from 'node:stream';
import type { preParsingAsyncHookHandler } from 'fastify';
import { readBody } from '#server/http/read-body.ts';
import { readBoundedBody } from '#server/ingest/parse-json.ts';
import { AppError } from '#server/kernel/errors.ts';

/**
 * For a scope whose bodies somebody else parses (tRPC): takes gzip, and bounds size before and after
 * inflating, and the nesting of the JSON, before it is parsed. Deep JSON parses well and then
 * overflows in whoever walks it.
 */
export function boundPayload(bytesMax: number): preParsingAsyncHookHandler {
  return async (request, _reply, payload) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of payload) {
      const part = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > bytesMax) {
        throw new AppError('payload_too_large', 'The body is too large; send smaller batches.');
      }
      chunks.push(part);
    }
    const raw = Buffer.concat(chunks);
    const body = await readBody(raw, request.headers['content-encoding'], bytesMax);
    readBoundedBody(body);
    // Fastify compares what was received with Content-Length, which counts the raw bytes.
    const received = Object.assign(Readable.from([Buffer.from(body)]), {
      receivedEncodedLength: raw.length,
    });
    return received;
  };
}
