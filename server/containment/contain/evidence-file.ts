import { sha256Hex } from '#server/kernel/hash.ts';
import { canonicalise } from '#server/permits/canonicalise.ts';

export const evidenceFormat = 'signalbox-containment-evidence/1';

export const recordKinds = ['containment', 'evidence', 'event', 'audit'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** One thing that is handed over, and what commits to it. */
export interface EvidenceRecord {
  readonly kind: RecordKind;
  readonly value: Readonly<Record<string, unknown>>;
  /** SHA-256 over the RFC 8785 form of the value. */
  readonly digest: string;
  /** SHA-256 over the link before it and the digest: no record is changed, moved or left out unseen. */
  readonly link: string;
}

/** What a containment has preserved, as a third party is given it. */
export interface EvidenceFile {
  readonly format: typeof evidenceFormat;
  /** Of the record `evidence`, as the audit log has it since it was held. */
  readonly heldDigest: string;
  /** The evidence is still what was held: its digest is that one. */
  readonly isAsHeld: boolean;
  /** More audit rows were there than are handed over. */
  readonly isAuditCut: boolean;
  readonly records: readonly EvidenceRecord[];
  /** The last link. The audit log has it since this file was made. */
  readonly head: string;
  /** How to check it with nothing but SHA-256, HMAC and a form of JSON that is published. */
  readonly check: readonly string[];
}

const check = [
  'digest of a record: SHA-256 over the UTF-8 bytes of its value in the form of RFC 8785, as hex.',
  'link of a record: SHA-256 over the text of the link before it (before the first: the text of "format") followed by the text of its digest, as hex. "head" is the last link.',
  'The audit log has "head" in a row containment.evidence_exported since this file was made, and "heldDigest", the digest of the record of kind "evidence", in a row containment.evidence_held since the evidence was held.',
  'commitment of an event: HMAC-SHA-256, keyed by the bytes of "salt" (hex), over the UTF-8 bytes of "body". Evidence of version 2 names the commitment of each of its latest events, so its digest covers what they said. A body that was erased keeps its commitment alone.',
  'Bodies are as they are stored: secrets and personal data were replaced before, and nobody has the originals.',
  'What this does not prove: file and audit log come out of the same database, and nothing outside of it has witnessed when they were written.',
];

/** Chains what is handed over, in the order given. Pure. */
export function makeEvidenceFile(given: {
  readonly heldDigest: string;
  readonly isAuditCut: boolean;
  readonly values: readonly Pick<EvidenceRecord, 'kind' | 'value'>[];
}): EvidenceFile {
  let link: string = evidenceFormat;
  const records = given.values.map(({ kind, value }) => {
    const digest = sha256Hex(canonicalise(value));
    link = sha256Hex(`${link}${digest}`);
    return { kind, value, digest, link };
  });
  const { heldDigest, isAuditCut } = given;
  const isAsHeld = records.some(({ kind, digest }) => kind === 'evidence' && digest === heldDigest);
  return { format: evidenceFormat, heldDigest, isAsHeld, isAuditCut, records, head: link, check };
}
