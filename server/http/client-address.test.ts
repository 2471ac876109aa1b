import { describe, expect, it } from 'vitest';
import { clientAddress, parseTrustedProxies } from './client-address.ts';

const proxies = parseTrustedProxies('127.0.0.1, ::1, 10.0.0.0/8, fd00::/8');

describe('clientAddress', () => {
  it.each([
    ['nobody in between', '203.0.113.9', undefined, '203.0.113.9'],
    ['a stranger who claims another', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['one proxy', '10.0.0.2', '203.0.113.9', '203.0.113.9'],
    ['a claim before the proxy', '10.0.0.2', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['two proxies', '10.0.0.2', '203.0.113.9, 10.0.0.7', '203.0.113.9'],
    ['two proxies and a claim', '10.0.0.2', '1.1.1.1, 203.0.113.9, 10.0.0.7', '203.0.113.9'],
    ['two headers', '10.0.0.2', ['1.1.1.1', '203.0.113.9'], '203.0.113.9'],
    ['a stranger who claims to be a proxy', '203.0.113.9', '10.0.0.7', '203.0.113.9'],
    ['a proxy that says nothing', '10.0.0.2', undefined, '10.0.0.2'],
    ['a proxy that says nonsense', '10.0.0.2', 'x', '10.0.0.2'],
    ['a port in the header', '10.0.0.2', '203.0.113.9:1234', '10.0.0.2'],
    ['only proxies', '10.0.0.2', '10.0.0.3, 10.0.0.4', '10.0.0.3'],
    ['IPv4 written as IPv6', '::ffff:10.0.0.2', '::ffff:203.0.113.9', '203.0.113.9'],
    ['IPv6', 'fd00::2', '2001:db8::1', '2001:db8::1'],
    ['no peer', undefined, '203.0.113.9', 'unknown'],
  ])('%s', (_what, peer, header, expected) => {
    expect(clientAddress(peer, header, proxies)).toBe(expected);
  });

  it('believes no header when no proxy is trusted', () => {
    expect(clientAddress('10.0.0.2', '203.0.113.9', null)).toBe('10.0.0.2');
  });
});

describe('parseTrustedProxies', () => {
  it.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/x', '1.2.3'])(
    'refuses %s',
    (list) => {
      expect(() => parseTrustedProxies(list)).toThrow(/neither an address nor a range/);
    },
  );
});
