import type { ProviderAnswer, SendToProvider } from '../provider-request.ts';
import {
  memberOf,
  type ProbeVerdict,
  type RevocationAdapter,
  type SendVerdict,
  type Told,
  told,
  unreachedBecause,
} from './adapter.ts';

export interface VaultSettings {
  /** `https://vault.example:8200` */
  readonly address: string;
  readonly namespace: string | null;
}

/**
 * OpenBao's and Vault's lease API, by its published form: `sys/leases/revoke` with `sync`, so that the
 * answer comes after the revocation and not after its queueing, and `sys/leases/lookup` as the probe.
 * Never `revoke-force`, which ignores what the backend says.
 */
export function createVaultAdapter(
  settings: VaultSettings,
  vaultToken: string,
  send: SendToProvider,
): RevocationAdapter {
  const urlOf = (verb: string) => `${settings.address.replace(/\/+$/, '')}/v1/sys/leases/${verb}`;
  const post = (verb: string, body: object) =>
    send({
      method: 'POST',
      url: urlOf(verb),
      headers: {
        'content-type': 'application/json',
        'x-vault-token': vaultToken,
        'x-vault-request': 'true',
        ...(settings.namespace === null ? {} : { 'x-vault-namespace': settings.namespace }),
      },
      body: JSON.stringify(body),
    });
  return {
    revoke: async ({ externalRef }) => {
      const url = urlOf('revoke');
      if (externalRef === null) return told('unsupported', url, null, 'Its lease id is not known.');
      try {
        return judgeRevocation(url, await post('revoke', { lease_id: externalRef, sync: true }));
      } catch (error) {
        return told<SendVerdict>('unreachable', url, null, unreachedBecause(error));
      }
    },
    probe: async ({ externalRef }) => {
      const url = urlOf('lookup');
      if (externalRef === null) return told('blind', url, null, 'Its lease id is not known.');
      try {
        return judgeProbe(url, await post('lookup', { lease_id: externalRef }));
      } catch (error) {
        return told<ProbeVerdict>('unreachable', url, null, unreachedBecause(error));
      }
    },
  };
}

const isInvalidLease = ({ status, body }: ProviderAnswer): boolean => {
  const errors = memberOf(body, 'errors');
  return (
    status === 400 &&
    Array.isArray(errors) &&
    errors.some((error) => typeof error === 'string' && /invalid lease/i.test(error))
  );
};

function judgeRevocation(url: string, answer: ProviderAnswer): Told<SendVerdict> {
  const { status } = answer;
  if (status === 200 || status === 204)
    return told('confirmed', url, status, 'It revoked the lease.');
  if (status === 202) return told('accepted', url, status, 'It queued the revocation.');
  // Gone already; whether it ever was there is for the probe to say.
  if (isInvalidLease(answer)) return told('confirmed', url, status, 'It knows no such lease.');
  if (status >= 500 || status === 429)
    return told('unreachable', url, status, 'It is not able to now.');
  return told('refused', url, status, 'It refused the revocation.');
}

function judgeProbe(url: string, answer: ProviderAnswer): Told<ProbeVerdict> {
  const { status } = answer;
  if (status === 200) return told('live', url, status, 'It has the lease.');
  if (isInvalidLease(answer)) return told('dead', url, status, 'It knows no such lease.');
  if (status >= 500 || status === 429)
    return told('unreachable', url, status, 'It is not able to now.');
  return told('blind', url, status, 'It does not say whether it has the lease.');
}
