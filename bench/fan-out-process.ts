import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The floor of `sse`: bare node:http that sends what is posted to it to every open stream, and
 * nothing else. Tells its parent the port it listens on.
 */
const streams = new Set<ServerResponse>();
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: connected\ndata: {}\n\n');
    streams.add(response);
    response.once('close', () => streams.delete(response));
    return;
  }
  let text = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  request.once('end', () => {
    response.end();
    const message = `data: ${text}\n\n`;
    for (const stream of streams) stream.write(message);
  });
});
process.once('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
