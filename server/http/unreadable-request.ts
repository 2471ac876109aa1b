import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '#server/kernel/errors.ts';
import { newRequestId } from '#server/kernel/ids.ts';
import { problemOf } from './problem.ts';

/** Statuses of what Node refuses to read, by its codes; 400 for all else. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** One answer for every request that no door can be asked with; never with a word of what was sent. */
function unreadable(status: number): { readonly requestId: string; readonly body: string } {
  const requestId = newRequestId();
  const refusal = new AppError(
    'bad_request',
    'The request could not be read; check its address, headers and framing.',
  );
  return { requestId, body: JSON.stringify({ ...problemOf(refusal, requestId), status }) };
}

/**
 * Answers a connection on which no request could be read: there is no response to write into, so that
 * the bytes are written as they are, and the connection ends.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statuses[error.code ?? ''] ?? 400;
  const { requestId, body } = unreadable(status);
  socket.write(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      `X-Request-Id: ${requestId}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  socket.destroySoon();
}

/** Whether the path of an address is text: what is not, neither plane could look up. */
export function isReadableAddress(url: string): boolean {
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
    return true;
  } catch {
    return false;
  }
}

/** Answers a request whose address is no text. */
export function refuseAddress(response: ServerResponse): void {
  const { requestId, body } = unreadable(400);
  response
    .writeHead(400, {
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-request-id': requestId,
    })
    .end(body);
}
