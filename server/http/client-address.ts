import { BlockList, isIP } from 'node:net';

/** The header in which our server tells the pages who is asking; a browser's own is overwritten. */
export const clientAddressHeader = 'x-signalbox-client-address';

/** Addresses and ranges, comma-separated: `10.0.0.0/8, 127.0.0.1, ::1`. @throws Error for others. */
export function parseTrustedProxies(list: string): BlockList {
  const trusted = new BlockList();
  for (const entry of list.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [address = '', bits] = entry.split('/');
    const family = isIP(address);
    const prefix = bits === undefined ? null : Number(bits);
    const bitsMax = family === 4 ? 32 : 128;
    if (family === 0 || (prefix !== null && !(prefix >= 0 && prefix <= bitsMax))) {
      throw new Error(`SIGNALBOX_TRUST_PROXY: ${entry} is neither an address nor a range.`);
    }
    const name = family === 4 ? 'ipv4' : 'ipv6';
    if (prefix === null) trusted.addAddress(address, name);
    else trusted.addSubnet(address, prefix, name);
  }
  return trusted;
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');

function isTrusted(trusted: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Who is asking, as far as it can be known: the peer of the socket, or, where trusted proxies stand
 * in between, the last address of `X-Forwarded-For` that none of them has written about itself. What
 * stands before that address is the stranger's own claim and is not read.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trusted: BlockList | null,
): string {
  let address = plain(peer ?? 'unknown');
  if (trusted === null) return address;
  const hops = [forwardedFor ?? []].flat().join(',').split(',');
  while (isTrusted(trusted, address)) {
    const hop = plain(hops.pop()?.trim() ?? '');
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return address;
}
