import type { RecoveryCheck } from '#server/gate/contract.ts';

/** What is to be looked at before a lift, and what it means. */
export const recoveryWords: Readonly<
  Record<RecoveryCheck['point'], { readonly label: string; readonly means: string }>
> = {
  cause_known: {
    label: 'The cause is known',
    means: 'What made the agent act so is found, and does not act any more.',
  },
  credentials_rotated: {
    label: 'Credentials are rotated',
    means: 'What it could have given away is revoked or exchanged.',
  },
  memory_reviewed: {
    label: 'Its memory is reviewed',
    means: 'Signalbox keeps no memory of agents yet: look where the agent keeps it.',
  },
  rule_added: {
    label: 'A rule would find it again',
    means: 'A detection rule or policy was added or changed, or none is needed.',
  },
};

/** What nobody has looked at, as a sentence for whoever lifts; null when all is done. */
export function openPointsSentence(checks: readonly RecoveryCheck[]): string | null {
  const open = checks.filter((check) => !check.isDone);
  if (open.length === 0) return null;
  const names = open.map(({ point }) => recoveryWords[point].label.toLowerCase()).join('; ');
  return `Nobody has said so far: ${names}.`;
}
