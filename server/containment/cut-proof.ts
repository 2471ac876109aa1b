import type { Death } from '#server/credentials/credential-death.ts';
import { saysOffline } from '#server/credentials/offline-leases.ts';
import type { LeaseCount } from '#server/credentials/count-leases.ts';

/** What an agent holds under a stop that cuts credentials. */
export interface CutFacts {
  /** Null: more leases than are looked at. */
  readonly leases: LeaseCount | null;
  /** When the stop's cut was last made, RFC 3339; null while it was not. */
  readonly cutAt: string | null;
  readonly credentials: readonly { readonly name: string; readonly death: Death }[];
}

export interface CutProof {
  readonly isCut: boolean;
  /** By what that is known, or what is missing, in a sentence or two. */
  readonly says: string;
}

/**
 * Whether an agent's credentials are cut: no lease of it live, and each of its credentials dead. One
 * that holds nothing here is not called cut: what it has from elsewhere is unknown. Pure.
 */
export function proveCut({ leases, credentials, cutAt }: CutFacts): CutProof {
  if (leases === null) return { isCut: false, says: 'It has more leases than were looked at.' };
  const dead = credentials.filter(({ death }) => death.state === 'dead');
  if (credentials.length === 0) {
    return {
      isCut: false,
      says: `It holds no credential of this broker${leases.live > 0 ? ` but ${counted(leases.live, 'live lease')}` : ''}; what it has from elsewhere is not known.`,
    };
  }
  const offline = leases.offlineUntil === null ? '' : ` ${saysOffline(leases.offlineUntil)}`;
  const introspected = `${counted(leases.asked, 'lease')} introspected, ${leases.live} live.${offline}`;
  // What nobody has revoked says most of how far it is from being cut.
  const open =
    credentials.find(({ death }) => death.state === 'live') ??
    credentials.find(({ death }) => death.state !== 'dead');
  if (open !== undefined || leases.live > 0) {
    const isLeftOut = open?.death.state === 'live' && cutAt !== null;
    const why = isLeftOut ? leftOut(cutAt) : open?.death.says;
    const said = open === undefined ? '' : ` ${open.name}: ${why}`;
    return {
      isCut: false,
      says: `${dead.length} of ${counted(credentials.length, 'credential')} proven dead; ${introspected}${said}`,
    };
  }
  const proofs = dead.map(({ name, death }) => `${name}: ${death.says}`);
  const more = proofs.length > shownProofs ? ` and ${proofs.length - shownProofs} more.` : '';
  // A JWT that somebody takes unasked is no lease that was cut, however dead it is here.
  const isCut = leases.offlineUntil === null;
  return { isCut, says: `${introspected} ${proofs.slice(0, shownProofs).join(' ')}${more}` };
}

/**
 * Of a credential that is alive after a cut: it came since, with whoever holds it, and nobody's word for
 * the first cut is one for it.
 */
export const leftOut = (cutAt: string): string =>
  `Not part of the cut at ${second(cutAt)}; somebody who may revoke has to take it on.`;

/** Whole seconds: `2026-11-22 08:00:00 UTC`. */
export const second = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;

/** Credentials whose proof is spelt out in one sentence; the rest stand on the containment's page. */
const shownProofs = 3;

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;
