import { describe, expect, it } from 'vitest';
import { isLoopbackHost, localUrl, refusalOfAddress, refusalOfDemo } from './check-address.ts';

describe('isLoopbackHost', () => {
  it.each([
    '127.0.0.1',
    '127.9.8.7',
    'localhost',
    'LOCALHOST',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
  ])('holds %s for this machine only', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '::',
    '[::]',
    '10.0.0.4',
    '192.168.1.1',
    '127.0.0.1.example.com',
    '127.1',
    'localhost.example.com',
    'box.local',
    '::11',
    '1::1',
    '::2:1',
    'fe80::1',
    '',
    '*',
  ])('holds %s for reachable', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

describe('refusalOfAddress', () => {
  const open = { host: '0.0.0.0', publicUrl: null, trustProxy: null };
  it.each([
    [{ ...open, host: '127.0.0.1' }, false],
    [open, true],
    [{ ...open, publicUrl: 'http://signalbox.example' }, true],
    [{ ...open, publicUrl: 'https://signalbox.example' }, false],
    [{ ...open, trustProxy: '10.0.0.2' }, false],
    [{ host: '::1', publicUrl: 'http://x.example', trustProxy: null }, false],
  ])('%o refused: %s', (address, isRefused) => {
    expect(refusalOfAddress(address) !== null).toBe(isRefused);
  });
});

describe('refusalOfDemo', () => {
  it.each([
    ['127.0.0.1', true, false, false],
    ['0.0.0.0', false, false, false],
    ['0.0.0.0', true, true, false],
    ['0.0.0.0', true, false, true],
    ['10.1.1.1', true, false, true],
  ])('%s, demo %s, allowed %s: refused %s', (host, hasDemo, isAllowed, isRefused) => {
    expect(refusalOfDemo(host, hasDemo, isAllowed) !== null).toBe(isRefused);
  });
});

describe('localUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['localhost', 'http://localhost:3000'],
    ['0.0.0.0', 'http://127.0.0.1:3000'],
    ['::', 'http://[::1]:3000'],
    ['fe80::1', 'http://[fe80::1]:3000'],
  ])('%s is %s', (host, url) => {
    expect(localUrl(host, 3000)).toBe(url);
  });
});
