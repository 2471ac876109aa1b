import type { ProviderAnswer, SendToProvider } from '../provider-request.ts';
import {
  memberOf,
  type ProbeVerdict,
  type ProviderCredential,
  type RevocationAdapter,
  type SendVerdict,
  type Told,
  told,
  unreachedBecause,
} from './adapter.ts';

export interface OauthSettings {
  readonly revokeUrl: string;
  /** Null: nobody can be asked whether a token still lives. */
  readonly introspectUrl: string | null;
  readonly clientId: string;
}

/**
 * An authorisation server by RFC 7009 (revocation) and RFC 7662 (introspection), with the client's own
 * secret. The answer to a revocation is 200 also for a token that the server never knew: it proves
 * nothing, only the probe does.
 */
export function createOauthAdapter(
  settings: OauthSettings,
  clientSecret: string,
  send: SendToProvider,
): RevocationAdapter {
  const post = (url: string, credential: ProviderCredential) =>
    send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        authorization: basicOf(settings.clientId, clientSecret),
      },
      body: new URLSearchParams({
        token: credential.secret,
        token_type_hint: credential.kind === 'refresh_token' ? 'refresh_token' : 'access_token',
      }).toString(),
    });
  return {
    revoke: async (credential) => {
      const url = settings.revokeUrl;
      try {
        return judgeRevocation(url, await post(url, credential));
      } catch (error) {
        return told<SendVerdict>('unreachable', url, null, unreachedBecause(error));
      }
    },
    probe: async (credential) => {
      const url = settings.introspectUrl;
      if (url === null) {
        return told<ProbeVerdict>('blind', settings.revokeUrl, null, 'It has no introspection.');
      }
      try {
        return judgeProbe(url, await post(url, credential));
      } catch (error) {
        return told<ProbeVerdict>('unreachable', url, null, unreachedBecause(error));
      }
    },
  };
}

/** RFC 6749, section 2.3.1: both halves form-encoded before they are joined. */
function basicOf(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  const pair = `${encode(clientId)}:${encode(clientSecret)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function judgeRevocation(url: string, { status, body }: ProviderAnswer): Told<SendVerdict> {
  if (status === 200) return told('confirmed', url, status, 'It took the revocation.');
  const error = memberOf(body, 'error');
  if (status === 400 && error === 'unsupported_token_type') {
    return told('unsupported', url, status, 'It cannot revoke tokens of this kind.');
  }
  // RFC 7009, section 2.2.1: after a 503 the token must be taken for valid.
  if (status >= 500 || status === 429)
    return told('unreachable', url, status, 'It is not able to now.');
  return told('refused', url, status, 'It refused the revocation.');
}

function judgeProbe(url: string, { status, body }: ProviderAnswer): Told<ProbeVerdict> {
  const active = status === 200 ? memberOf(body, 'active') : undefined;
  if (active === true) return told('live', url, status, 'It calls the token active.');
  if (active === false) return told('dead', url, status, 'It calls the token inactive.');
  if (status >= 500 || status === 429)
    return told('unreachable', url, status, 'It is not able to now.');
  return told('blind', url, status, 'It does not say whether the token is active.');
}
