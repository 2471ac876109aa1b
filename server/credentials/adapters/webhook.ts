import { Webhook } from 'standardwebhooks';
import type { ProviderAnswer, SendToProvider } from '../provider-request.ts';
import {
  memberOf,
  type ProbeVerdict,
  type ProviderCredential,
  type RevocationAdapter,
  type SendVerdict,
  told,
  unreachedBecause,
} from './adapter.ts';

export interface WebhookSettings {
  readonly url: string;
  /** Null: nobody can be asked whether the credential still lives. */
  readonly probeUrl: string | null;
}

/**
 * Somebody else's own way to revoke, told over HTTP: `{"type":"credential.revoke","revocationId",
 * "credential":{id,name,kind,externalRef}}`, signed as Standard Webhooks has it. The secret itself stays
 * here. 200 or 204: done; 202: will be. The probe answers `{"active":true|false}`.
 */
export function createWebhookAdapter(
  settings: WebhookSettings,
  signingSecret: string,
  send: SendToProvider,
): RevocationAdapter {
  const signer = webhookSigner(signingSecret);
  const post = (url: string, type: string, credential: ProviderCredential) => {
    const { revocationId, credentialId, name, kind, externalRef } = credential;
    const body = JSON.stringify({
      type,
      revocationId,
      credential: { id: credentialId, name, kind, externalRef },
    });
    const id = `${revocationId}.${type}`;
    const at = new Date();
    return send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': signer.sign(id, at, body),
      },
      body,
    });
  };
  return {
    revoke: async (credential) => {
      const { url } = settings;
      try {
        const { status } = await post(url, 'credential.revoke', credential);
        if (status === 200 || status === 204)
          return told('confirmed', url, status, 'It says done.');
        if (status === 202) return told('accepted', url, status, 'It says that it will.');
        if (status >= 500 || status === 429)
          return told('unreachable', url, status, 'It is not able to now.');
        return told('refused', url, status, 'It refused.');
      } catch (error) {
        return told<SendVerdict>('unreachable', url, null, unreachedBecause(error));
      }
    },
    probe: async (credential) => {
      const url = settings.probeUrl;
      if (url === null) return told('blind', settings.url, null, 'It has no probe.');
      try {
        return judgeProbe(url, await post(url, 'credential.probe', credential));
      } catch (error) {
        return told<ProbeVerdict>('unreachable', url, null, unreachedBecause(error));
      }
    },
  };
}

function judgeProbe(url: string, { status, body }: ProviderAnswer) {
  const active = status === 200 ? memberOf(body, 'active') : undefined;
  if (active === true) return told<ProbeVerdict>('live', url, status, 'It calls it active.');
  if (active === false) return told<ProbeVerdict>('dead', url, status, 'It calls it inactive.');
  if (status >= 500 || status === 429)
    return told<ProbeVerdict>('unreachable', url, status, 'It is not able to now.');
  return told<ProbeVerdict>('blind', url, status, 'It does not say whether it is active.');
}

/**
 * Who signs for a secret: `whsec_…` is base64, as Standard Webhooks writes it, anything else is taken as
 * it stands. @throws Error for a `whsec_…` that is no base64
 */
export function webhookSigner(secret: string): Webhook {
  return secret.startsWith('whsec_')
    ? new Webhook(secret)
    : new Webhook(Buffer.from(secret), { format: 'raw' });
}
