import type { OutsideEvidence } from '#db/enums.ts';
import { isId } from '#server/kernel/ids.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** That the secret of a kept credential stood in an event, and where. */
export interface SecretSeen {
  readonly credentialId: string;
  readonly evidence: Extract<OutsideEvidence, 'secret_in_arguments' | 'secret_in_telemetry'>;
}

/**
 * Kept secrets that ingest found in an event, once each and by the stronger evidence: in the arguments
 * of a call the agent passed it on; anywhere else it was merely seen. Pure.
 */
export function secretsSeenIn(
  event: Pick<StoredEvent, 'kind' | 'phase' | 'findings'>,
): readonly SecretSeen[] {
  const seen = new Map<string, SecretSeen['evidence']>();
  for (const { type, detector, path } of event.findings) {
    if (type !== 'secret' || !isId('credential', detector)) continue;
    const isPassed =
      event.kind === 'tool_call' && (path === '/input' || path.startsWith('/input/'));
    if (isPassed) seen.set(detector, 'secret_in_arguments');
    else if (!seen.has(detector)) seen.set(detector, 'secret_in_telemetry');
  }
  return [...seen].map(([credentialId, evidence]) => ({ credentialId, evidence }));
}
