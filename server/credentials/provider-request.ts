import { lookup as resolveHost } from 'node:dns/promises';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
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
 * Makes the one way out to providers: the name is resolved once and its address is what is connected to,
 * private addresses are refused unless the operator names the host, no redirect is followed, and neither
 * time nor length is unbounded.
 * @param innerHosts `host[:port]` that may be private, or plain http
 */
export function createProviderSender(innerHosts: ReadonlySet<string>): SendToProvider {
  return async (request) => {
    const refusal = addressRefusal(request.url, innerHosts);
    if (refusal !== null) throw new Error(refusal);
    const url = new URL(request.url);
    const name = url.hostname.replace(/^\[|\]$/g, '');
    const { address, family } = await resolveHost(name);
    if (isPrivateAddress(address) && !innerHosts.has(url.host)) {
      throw new Error(`${url.host} has a private address; see SIGNALBOX_PROVIDER_HOSTS.`);
    }
    const options: RequestOptions = {
      method: request.method,
      headers: { ...request.headers, 'content-length': Buffer.byteLength(request.body) },
      signal: AbortSignal.timeout(limits.providerTimeoutMs),
      // Whatever the name means by now, this is the address that was judged.
      lookup: (_host, wanted, done) => {
        if (wanted.all === true) done(null, [{ address, family }]);
        else done(null, address, family);
      },
      agent: false,
    };
    return exchange(url, options, request.body);
  };
}

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
    sent.on('error', reject);
    sent.end(body);
  });
}
