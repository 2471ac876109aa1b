import { isIPv4, isIPv6 } from 'node:net';

/** What the address rules look at; the environment's own words. */
export interface Address {
  readonly host: string;
  /** `SIGNALBOX_URL`. */
  readonly publicUrl: string | null;
  /** `SIGNALBOX_TRUST_PROXY`. */
  readonly trustProxy: string | null;
}

/** Whether only this machine can reach a listener on `host`. Unknown names count as reachable. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (bare === 'localhost') return true;
  if (isIPv4(bare)) return bare.startsWith('127.');
  if (isIPv6(bare)) {
    return /^(0{0,4}:){2,7}0{0,3}1$/.test(bare) || /^::ffff:127\.\d+\.\d+\.\d+$/.test(bare);
  }
  return false;
}

/**
 * Why this address must not be served, as a sentence that says what to do; null when it may be.
 * Passwords and session cookies would cross the network in the clear otherwise.
 */
export function refusalOfAddress(address: Address): string | null {
  if (isLoopbackHost(address.host)) return null;
  if (address.publicUrl?.startsWith('https://')) return null;
  if (address.trustProxy !== null) return null;
  return (
    `HOST=${address.host} can be reached from other machines, and SIGNALBOX_URL is not https: ` +
    'passwords would cross the network in the clear. Set SIGNALBOX_URL to the https address ' +
    'and put a TLS proxy in front (SIGNALBOX_TRUST_PROXY names it), or serve 127.0.0.1.'
  );
}

/** Why a demo tenant forbids this address; null when it does not. */
export function refusalOfDemo(host: string, hasDemo: boolean, isAllowed: boolean): string | null {
  if (!hasDemo || isAllowed || isLoopbackHost(host)) return null;
  return (
    `This database holds a demo tenant, whose people share known names, and HOST=${host} can be ` +
    'reached from other machines. Run "signalbox demo remove" first, or pass --allow-demo.'
  );
}

/** How this machine itself reaches a listener on `host`; a wildcard is reached by loopback. */
export function localUrl(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
