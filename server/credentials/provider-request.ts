import { lookup } from 'node:dns';
import { Agent as HttpAgent, type RequestOptions, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { limits } from '#server/kernel/limits.ts';
import { isPrivateAddress } from '#server/kernel/private-address.ts';

/** A request to a provider; bodies are small texts. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ProviderAnswer {
  readonly status: number;
  /** At most `limits.providerAnswerBytesMax` of it. */
  readonly body: string;
}

/** Sends a request to a provider. @throws Error when it is not reached, late, or not allowed. */
export type SendToProvider = (request: ProviderRequest) => Promise<ProviderAnswer>;

/** Why a provider may not be asked at this address; null when it may. Names are judged when resolved. */
export function addressRefusal(text: string, innerHosts: ReadonlySet<string>): string | null {
  if (!URL.canParse(text)) return 'The address is no URL.';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'The address must not carry a password.';
  if (innerHosts.has(url.host)) {
    return url.protocol === 'http:' || url.protocol === 'https:' ? null : 'Use http or https.';
  }
  if (url.protocol !== 'https:') {
    return `Use https, or let the operator name ${url.host} in SIGNALBOX_PROVIDER_HOSTS.`;
  }
  return null;
}

/**
 * Makes the one way out to providers: an address is judged where it is connected to, so no name can mean
 * another one by then; private addresses are refused unless the operator names the host, no redirect is
 * followed, and neither time nor length is unbounded. Connections are kept for the next request for
 * `limits.providerIdleMs`. Where a peer has closed a kept one just as it was used, the request is sent once
 * more: whatever is asked here may be asked twice.
 * @param innerHosts `host[:port]` that may be private, or plain http
 */
export function createProviderSender(innerHosts: ReadonlySet<string>): SendToProvider {
  const kept = { keepAlive: true, timeout: limits.providerIdleMs };
  const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };
  return async (request) => {
    const refusal = addressRefusal(request.url, innerHosts);
    if (refusal !== null) throw new Error(refusal);
    const url = new URL(request.url);
    const isInner = innerHosts.has(url.host);
    // Sockets ask nobody about an address that is written as one.
    const name = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(name) !== 0 && isPrivateAddress(name) && !isInner) throw privateRefusal(url.host);
    const options: RequestOptions = {
      method: request.method,
      headers: { ...request.headers, 'content-length': Buffer.byteLength(request.body) },
      signal: AbortSignal.timeout(limits.providerTimeoutMs),
      lookup: isInner ? lookup : lookupPublic,
      agent: url.protocol === 'https:' ? agents.https : agents.http,
    };
    try {
      return await exchange(url, options, request.body);
    } catch (error) {
      if (!(error instanceof KeptConnectionLost)) throw error;
      return exchange(url, { ...options, agent: false }, request.body);
    }
  };
}

/** The peer closed a connection that had been kept: nothing says that it took this request. */
class KeptConnectionLost extends Error {}

const privateRefusal = (host: string): Error =>
  new Error(`${host} has a private address; see SIGNALBOX_PROVIDER_HOSTS.`);

/** Resolves a name for a connection that is about to be made; one private address refuses all of them. */
const lookupPublic: LookupFunction = (name, wanted, done) => {
  lookup(name, { ...wanted, all: true }, (error, addresses) => {
    if (error !== null) return done(error, '');
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      return done(privateRefusal(name), '');
    if (wanted.all === true) return done(null, addresses);
    const [first] = addresses;
    if (first === undefined) return done(new Error(`${name} has no address.`), '');
    return done(null, first.address, first.family);
  });
};

function exchange(url: URL, options: RequestOptions, body: string): Promise<ProviderAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent = send(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.providerAnswerBytesMax) {
          answer.destroy(new Error('the provider answers too much'));
        } else chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.on('error', (error) => {
      const isLost = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(sent.reusedSocket && isLost ? new KeptConnectionLost() : error);
    });
    sent.end(body);
  });
}
