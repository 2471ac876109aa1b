import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeLogs, decodeTraces, otlpEncodingOf } from '#server/ingest/decode-otlp.ts';
import { encodeOtlpSuccess } from '#server/ingest/encode-otlp-response.ts';
import type { OtlpLog, OtlpSpan } from '#server/ingest/otlp-model.ts';

/** A bare OTLP/HTTP receiver on a free port that keeps what stock exporters send to it. */
export interface OtlpReceiver {
  /** For `url` of an exporter, without the signal's path. */
  readonly url: string;
  readonly spans: OtlpSpan[];
  readonly logs: OtlpLog[];
  close(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: OtlpSpan[] = [];
  const logs: OtlpLog[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const encoding = otlpEncodingOf(request.headers['content-type']);
      const isLogs = request.url === '/v1/logs';
      if (isLogs) logs.push(...decodeLogs(body, encoding).accepted);
      else spans.push(...decodeTraces(body, encoding).accepted);
      const answer = encodeOtlpSuccess(isLogs ? 'logs' : 'traces', encoding, 0, '');
      response.writeHead(200, { 'content-type': answer.contentType }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    logs,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
