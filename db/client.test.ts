import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createSql } from './client.ts';

describe('createSql', () => {
  it.each([
    ['hangs up', ''],
    ['is a web server', 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'],
  ])('gives up on a peer that %s, and does not hammer it', async (_, answer) => {
    let connections = 0;
    const proxy = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.end(answer);
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const { port } = proxy.address() as AddressInfo;
    const sql = createSql(`postgres://someone:secret@127.0.0.1:${port}/nothing`);
    try {
      for (let asked = 0; asked < 3; asked += 1) {
        await expect(sql`select 1`).rejects.toMatchObject({ code: 'ECONNRESET' });
      }
      expect(connections).toBeLessThan(10);
    } finally {
      await sql.end({ timeout: 1 });
      proxy.close();
    }
  });
});
