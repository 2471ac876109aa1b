import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { containments } from '#db/schema/containment.ts';
import { type AuditRow, auditFilterInput } from '#server/audit/contract.ts';
import { listAudit } from '#server/audit/queries.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { noSuchContainment } from './confirm-containment.ts';
import { type EvidenceFile, makeEvidenceFile } from './evidence-file.ts';
import { heldEventSchema, readBodies } from './read-bodies.ts';
import { readContainment } from './read-containment.ts';

/** Of stored evidence, what is opened beside it; the rest is handed over as it lies there. */
const heldSchema = z.looseObject({
  held: z.looseObject({ latestEvents: z.looseObject({ rows: z.array(heldEventSchema) }) }),
});

/**
 * Hands over what a containment has preserved: the containment with its items as they are now, the evidence
 * as it was held, what opens the commitments of its events, and its rows of the audit log and its stop's,
 * each with its digest and all in one chain. Written down before anything leaves; the file's last link is in
 * the audit log from then on, so that a file can be held against it later.
 * @throws AppError `forbidden`, `not_found`, `conflict` where nothing is held
 */
export async function exportEvidence(ctx: Ctx, id: string): Promise<EvidenceFile> {
  requirePermission(ctx, 'evidence.export');
  requirePermission(ctx, 'telemetry.read_bodies');
  if (!isId('containment', id)) throw noSuchContainment();
  const mine = and(eq(containments.tenantId, ctx.tenantId), eq(containments.id, id));
  const [row] = await withRead(ctx, (tx) => tx.select().from(containments).where(mine));
  if (!row) throw noSuchContainment();
  const { evidence: held, evidenceDigest, stopId } = row;
  if (held === null || evidenceDigest === null) {
    throw new AppError('conflict', 'No evidence is held of it: a stop below level 4 holds none.');
  }
  const evidence = heldSchema.parse(held);
  const [containment, custody, bodies] = await Promise.all([
    readContainment(ctx, id),
    readCustody(ctx, stopId === null ? [id] : [id, stopId]),
    withRead(ctx, (tx) => readBodies(tx, ctx, evidence.held.latestEvents.rows, { isText: true })),
  ]);
  const file = makeEvidenceFile({
    heldDigest: evidenceDigest,
    isAuditCut: custody.isCut,
    values: [
      { kind: 'containment', value: containment },
      { kind: 'evidence', value: evidence },
      ...bodies.map((body) => ({ kind: 'event' as const, value: { ...body } })),
      ...custody.rows.map((audit) => ({ kind: 'audit' as const, value: audit })),
    ],
  });
  const { head, isAsHeld, records } = file;
  await withTransaction(ctx, (tx) =>
    writeAudit(tx, ctx, {
      action: 'containment.evidence_exported',
      subject: { type: 'containment', id },
      detail: { head, isAsHeld, heldDigest: evidenceDigest, records: records.length },
    }),
  );
  return file;
}

/** Who did what to it: rows about these subjects, oldest first, by the explorer's own query. */
async function readCustody(
  ctx: Ctx,
  subjects: readonly string[],
): Promise<{ rows: AuditRow[]; isCut: boolean }> {
  const rows: AuditRow[] = [];
  for (const subject of subjects) {
    let cursor: string | null = null;
    do {
      const limit = Math.min(limits.pageItemsMax, limits.evidenceAuditRowsMax - rows.length);
      if (limit === 0) return { rows: inOrder(rows), isCut: true };
      const filter = auditFilterInput.parse({ subject, limit, cursor });
      const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(ctx, filter);
      rows.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
  }
  return { rows: inOrder(rows), isCut: false };
}

/** By transaction, then within it: the log's own order. */
const inOrder = (rows: readonly AuditRow[]): AuditRow[] =>
  rows.toSorted((a, b) => {
    const [aXid = '0', aSeq = '0'] = a.position.split('.');
    const [bXid = '0', bSeq = '0'] = b.position.split('.');
    return Number(BigInt(aXid) - BigInt(bXid)) || Number(BigInt(aSeq) - BigInt(bSeq));
  });
