import { BlockList, isIP } from 'node:net';

/**
 * A test for addresses inside a network in CIDR notation, v4 or v6; null when `network` is none.
 * An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) counts as the IPv4 address it is.
 */
export function compileNetwork(network: string): ((address: string) => boolean) | null {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(network.trim());
  const address = match?.[1] ?? '';
  const prefix = Number(match?.[2]);
  const family = isIP(address);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) return null;
  const list = new BlockList();
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return (candidate) => {
    const [bare = ''] = candidate.trim().split('%', 1);
    const candidateFamily = isIP(bare);
    return candidateFamily !== 0 && list.check(bare, candidateFamily === 4 ? 'ipv4' : 'ipv6');
  };
}
