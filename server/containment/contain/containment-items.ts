import type { Death, DeathState } from '#server/credentials/credential-death.ts';
import type { LeaseCount } from '#server/credentials/count-leases.ts';
import { saysOffline } from '#server/credentials/offline-leases.ts';
import type { Stop } from '#server/gate/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { type LadderStep, ladderSteps } from '../contract.ts';
import { leftOut, second } from '../cut-proof.ts';
import type { ContainmentItem, ContainmentState, ItemKind, ItemState } from './contract.ts';

/** All that the items of a containment are read from, as it is at one moment. */
export interface ContainmentFacts {
  readonly level: number;
  readonly isCutFirst: boolean;
  readonly isReleased: boolean;
  /** Null: what its stop covers, which nobody locks. */
  readonly agent: { readonly isActive: boolean; readonly lockedAt: string | null } | null;
  /** Null while it is not placed. */
  readonly stop: Pick<Stop, 'state' | 'acknowledgedAt'> | null;
  /** Instances by step; null while there is no stop. */
  readonly counts: Readonly<Record<LadderStep, number>> | null;
  readonly evidence: { readonly at: string; readonly digest: string } | null;
  /** Null: more than are looked at. */
  readonly leases: LeaseCount | null;
  readonly isConfirmed: boolean;
  readonly cutAt: string | null;
  readonly credentials: readonly {
    readonly id: string;
    readonly name: string;
    readonly provider: string | null;
    readonly death: Death;
    /** Of the agents that are contained, those that may take leases of it; slugs. */
    readonly heldBy: readonly string[];
  }[];
}

type Verdict = Pick<ContainmentItem, 'state' | 'evidence'>;

/**
 * The items of a containment in the order in which they are done, each with what proves it. An item is
 * `confirmed` only by the state of the thing itself; that a step was taken proves nothing. Pure.
 */
export function containmentItems(facts: ContainmentFacts): ContainmentItem[] {
  const evidence =
    facts.level >= limits.evidenceLevel ? [item('evidence', evidenceItem(facts))] : [];
  const cut = [item('leases', leasesItem(facts)), ...facts.credentials.map(credentialItem(facts))];
  return [
    item('stop', stopItem(facts)),
    ...(facts.agent === null ? [] : [item('lock', lockItem(facts.agent))]),
    ...(facts.isCutFirst ? [...cut, ...evidence] : [...evidence, ...cut]),
    item('instances', instancesItem(facts)),
  ];
}

const item = (kind: ItemKind, verdict: Verdict): ContainmentItem => ({
  kind,
  name: '',
  credentialId: null,
  provider: null,
  ...verdict,
});

/** How a containment stands as a whole: the least that is true of its items. Pure. */
export function containmentState(
  items: readonly ContainmentItem[],
  isReleased: boolean,
): ContainmentState {
  if (isReleased) return 'released';
  const has = (...states: readonly ItemState[]) =>
    items.some(({ state }) => states.includes(state));
  if (has('person')) return 'person';
  if (has('waiting', 'requested')) return 'working';
  return has('failed', 'unverifiable', 'undone') ? 'unproven' : 'contained';
}

function stopItem({ stop }: ContainmentFacts): Verdict {
  if (stop === null) return { state: 'waiting', evidence: 'Not placed yet.' };
  if (stop.state === 'lifted') return { state: 'undone', evidence: 'The stop was lifted.' };
  if (stop.acknowledgedAt === null) {
    return {
      state: 'requested',
      evidence: 'Enforced; what was being granted at that instant is waited for.',
    };
  }
  return {
    state: 'confirmed',
    evidence: `Confirmed at ${second(stop.acknowledgedAt)}: nothing is granted or redeemed since.`,
  };
}

function lockItem({ isActive, lockedAt }: NonNullable<ContainmentFacts['agent']>): Verdict {
  if (!isActive) {
    const since = lockedAt === null ? '' : ` since ${second(lockedAt)}`;
    return {
      state: 'confirmed',
      evidence: `Disabled${since}: its keys are refused at every door.`,
    };
  }
  return lockedAt === null
    ? { state: 'waiting', evidence: 'Not locked yet.' }
    : { state: 'undone', evidence: 'Somebody made the agent active again.' };
}

function evidenceItem({ evidence }: ContainmentFacts): Verdict {
  if (evidence === null) return { state: 'waiting', evidence: 'Nothing is held yet.' };
  return {
    state: 'confirmed',
    evidence: `Held at ${second(evidence.at)}, SHA-256 ${evidence.digest.slice(0, 16)}…`,
  };
}

function leasesItem({ leases }: ContainmentFacts): Verdict {
  if (leases === null) {
    return { state: 'unverifiable', evidence: 'More leases than are looked at.' };
  }
  const evidence = `${leases.asked} introspected, ${leases.live} live.`;
  if (leases.live > 0) return { state: 'requested', evidence };
  if (leases.offlineUntil === null) return { state: 'confirmed', evidence };
  return { state: 'unverifiable', evidence: `${evidence} ${saysOffline(leases.offlineUntil)}` };
}

const stateOfDeath: Readonly<Record<DeathState, ItemState>> = {
  live: 'waiting',
  requested: 'requested',
  failed: 'failed',
  unverifiable: 'unverifiable',
  dead: 'confirmed',
};

const credentialItem =
  ({ isConfirmed, cutAt }: ContainmentFacts) =>
  (credential: ContainmentFacts['credentials'][number]): ContainmentItem => {
    const { id, name, provider, death, heldBy } = credential;
    const shared = { kind: 'credential' as const, name, credentialId: id, provider };
    if (death.state === 'live' && !isConfirmed) {
      const evidence =
        'Cutting cannot be undone: a responder or an administrator has to confirm it.';
      return { ...shared, state: 'person', evidence };
    }
    // It came since, or its holder joined what is stopped since: nobody works at it.
    if (death.state === 'live' && cutAt !== null) {
      return { ...shared, state: 'person', evidence: `${heldByWords(heldBy)}${leftOut(cutAt)}` };
    }
    return { ...shared, state: stateOfDeath[death.state], evidence: death.says };
  };

function instancesItem({ counts }: ContainmentFacts): Verdict {
  if (counts === null) return { state: 'waiting', evidence: 'Nothing is stopped yet.' };
  const all = ladderSteps.reduce((sum, step) => sum + counts[step], 0);
  const still = counts.quiet + counts.cut;
  if (all === counts.unconfirmed) {
    return { state: 'unverifiable', evidence: 'No instance is known, so none can be confirmed.' };
  }
  const evidence = `${counts.quiet} quiet and ${counts.cut} cut of ${all}.`;
  return { state: still === all ? 'confirmed' : 'requested', evidence };
}

/** The first few by name: the credential's page has all of them. */
function heldByWords(slugs: readonly string[]): string {
  if (slugs.length === 0) return '';
  const more = slugs.length > shownHolders ? ` and ${slugs.length - shownHolders} more` : '';
  return `Held by ${slugs.slice(0, shownHolders).join(', ')}${more}. `;
}

const shownHolders = 3;
