import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeDraft, makeEvent } from '#server/testing/event-factory.ts';
import { keyActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { makeLeaseScene } from '#server/testing/lease-scene.ts';
import { containAgent } from './begin-containment.ts';
import { placeStopOfLevel } from './contain-stop.ts';
import { containInput } from './contract.ts';
import { makeEvidenceFile } from './evidence-file.ts';
import { exportEvidence } from './export-evidence.ts';
import { findContainment } from './read-containment.ts';

const bed = openTestDatabase();

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** RFC 8785 as far as what is handed over needs it, written by itself: strangers have no code of ours. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`;
}

type FileRecord = {
  readonly kind: string;
  readonly value: Record<string, unknown>;
  readonly digest: string;
  readonly link: string;
};
type File = {
  readonly format: string;
  readonly heldDigest: string;
  readonly isAsHeld: boolean;
  readonly records: readonly FileRecord[];
  readonly head: string;
};

/** What a third party does, from the text alone: everything that does not fit. */
function checkFile(text: string): string[] {
  const file = JSON.parse(text) as File;
  const wrong: string[] = [];
  let link = file.format;
  for (const [index, record] of file.records.entries()) {
    if (sha256(canonical(record.value)) !== record.digest) wrong.push(`digest ${index}`);
    link = sha256(`${link}${record.digest}`);
    if (link !== record.link) wrong.push(`link ${index}`);
  }
  if (link !== file.head) wrong.push('head');
  const [evidence] = file.records.filter(({ kind }) => kind === 'evidence');
  if (evidence === undefined) return [...wrong, 'no evidence'];
  if (evidence.digest !== file.heldDigest) wrong.push('held');
  const { latestEvents } = evidence.value['held'] as {
    latestEvents: { rows: { event_id: string; commitment: string }[] };
  };
  const events = file.records.filter(({ kind }) => kind === 'event').map(({ value }) => value);
  for (const named of latestEvents.rows) {
    const opened = events.find((one) => one['eventId'] === named.event_id);
    const { salt, body } = (opened ?? {}) as { salt: string | null; body: string | null };
    if (salt === null || body === null || salt === undefined) continue;
    const mac = createHmac('sha256', Buffer.from(salt, 'hex'))
      .update(body ?? '')
      .digest('hex');
    if (mac !== named.commitment) wrong.push(`body of ${named.event_id}`);
  }
  return wrong;
}

/** An agent with a lease and three events, contained by a responder. */
async function makeScene() {
  const scene = await makeLeaseScene(bed);
  const tenantId = uuidOf(scene.tenant.id);
  await scene.take();
  const agent = scene.payer.agent ?? { id: '', slug: '' };
  const commit = createGroupCommit(bed.app.$client);
  const ids = ['one', 'two', 'three'];
  await commit.store(
    scene.tenant.id,
    ids.map((id) =>
      makeEvent(agent, { id, body: { ...makeDraft().body, input: { says: `ünï ${id}` } } }),
    ),
  );
  const wish = containInput.parse({ agent: agent.slug, reason: 'hijacked' });
  const { id } = await containAgent(scene.responder, wish);
  const as = async (...roles: Parameters<typeof makePerson>[2]): Promise<Ctx> =>
    makeCtx(bed.app, scene.tenant.id, await makePerson(bed, scene.tenant.id, roles));
  const exported = async (ctx: Ctx = scene.responder) => {
    const file = await exportEvidence(ctx, id);
    return { file, text: JSON.stringify(file), valuesOf: valuesOf(file.records) };
  };
  const auditOf = (action: string) => bed.admin`select actor_type, subject_id, detail
    from audit_log where tenant_id = ${tenantId} and action = ${action} order by seq`;
  return { ...scene, tenantId, id, as, exported, auditOf };
}

const valuesOf =
  (records: readonly { kind: string; value: Readonly<Record<string, unknown>> }[]) =>
  (kind: string) =>
    records.filter((one) => one.kind === kind).map((one) => one.value);

describe('exportEvidence', () => {
  it('hands over all that was held, with what a third party checks it by', async () => {
    const scene = await makeScene();
    const { file, text, valuesOf: of } = await scene.exported();
    expect(checkFile(text)).toEqual([]);
    expect(file).toMatchObject({ isAsHeld: true, isAuditCut: false });
    // As it lies in the table, not a word less.
    const [stored] = await bed.admin`select evidence, evidence_digest from containments
      where id = ${uuidOf(scene.id)}`;
    expect(of('evidence')).toEqual([stored?.['evidence']]);
    expect(file.heldDigest).toBe(stored?.['evidence_digest']);
    expect(of('evidence')).toMatchObject([
      {
        v: 2,
        held: { leases: { count: 1 }, credentials: { count: 1 }, latestEvents: { count: 3 } },
      },
    ]);
    const bodies = await bed.admin`select body from event_bodies
      where tenant_id = ${scene.tenantId} order by seq desc`;
    expect(of('event').map((one) => one['body'])).toEqual(bodies.map((one) => one['body']));
    expect(of('event').every((one) => one['state'] === 'whole')).toBe(true);
    expect(of('containment')).toMatchObject([{ id: scene.id, requestedBy: expect.any(String) }]);
    const actions = of('audit').map((one) => one['action']);
    expect(actions).toEqual(
      expect.arrayContaining([
        'containment.begun',
        'stop.placed',
        'containment.evidence_held',
        'containment.cut',
      ]),
    );
    expect(actions.indexOf('containment.begun')).toBeLessThan(actions.indexOf('containment.cut'));
  });

  it('is written down before it leaves, with the last link of the very file', async () => {
    const scene = await makeScene();
    const { file } = await scene.exported();
    const again = await scene.exported();
    const rows = await scene.auditOf('containment.evidence_exported');
    expect(rows).toMatchObject([
      {
        actor_type: 'person',
        subject_id: scene.id,
        detail: { head: file.head, heldDigest: file.heldDigest, isAsHeld: true },
      },
      { detail: { head: again.file.head } },
    ]);
    expect(await scene.auditOf('containment.evidence_held')).toMatchObject([
      { detail: { digest: file.heldDigest } },
    ]);
    // The first export is part of the second one's custody.
    expect(again.valuesOf('audit').map((one) => one['action'])).toContain(
      'containment.evidence_exported',
    );
  });

  it('hands over nothing where it cannot be written down', async () => {
    const scene = await makeScene();
    await bed.admin.unsafe(`alter table audit_log add constraint no_export
      check (action <> 'containment.evidence_exported') not valid`);
    await expect(scene.exported()).rejects.toMatchObject({ code: 'store_unavailable' });
    await bed.admin`alter table audit_log drop constraint no_export`;
  });

  it.each<[string, (file: File) => unknown, string]>([
    ['a word of a body', ({ records }) => setOf(records, 'event', 'body', 'x'), 'body of three'],
    ['the evidence', ({ records }) => setOf(records, 'evidence', 'heldAt', 'x'), 'digest 1'],
    ['who did it', ({ records }) => setOf(records, 'audit', 'actorLabel', 'x'), 'digest 5'],
    [
      'the first record',
      (file) => Object.assign(file, { records: file.records.slice(1) }),
      'link 0',
    ],
    [
      'the last record',
      (file) => Object.assign(file, { records: file.records.slice(0, -1) }),
      'head',
    ],
  ])('is seen through where somebody changed %s', async (_name, change, seen) => {
    const scene = await makeScene();
    const file = JSON.parse((await scene.exported()).text) as File;
    change(file);
    expect(checkFile(JSON.stringify(file))).toContain(seen);
  });

  it('is told from a file that was made anew by what the audit log has', async () => {
    const scene = await makeScene();
    const { file } = await scene.exported();
    const values = file.records.map(({ kind, value }) => ({
      kind,
      value: kind === 'audit' ? { ...value, actorLabel: 'somebody else' } : value,
    }));
    const forged = makeEvidenceFile({ ...file, values });
    expect(checkFile(JSON.stringify(forged))).toEqual([]);
    const [noted] = await scene.auditOf('containment.evidence_exported');
    expect(noted?.['detail']).toMatchObject({ head: file.head });
    expect(forged.head).not.toBe(file.head);
  });

  it('says so where the stored evidence is not what was held', async () => {
    const scene = await makeScene();
    await bed.admin`update containments set evidence = jsonb_set(evidence, '{held,leases,count}', '0')
      where id = ${uuidOf(scene.id)}`;
    const { file, text } = await scene.exported();
    expect(file.isAsHeld).toBe(false);
    expect(checkFile(text)).toEqual(['held']);
    expect(await scene.auditOf('containment.evidence_exported')).toMatchObject([
      { detail: { isAsHeld: false } },
    ]);
  });

  it('names what was erased, what is gone and what is beyond the bound, and stays checkable', async () => {
    const scene = await makeScene();
    await bed.admin`update event_bodies set body = null, salt = null where tenant_id = ${scene.tenantId}
      and seq = (select seq from events where tenant_id = ${scene.tenantId} and event_id = 'one')`;
    await bed.admin`delete from events where tenant_id = ${scene.tenantId} and event_id = 'two'`;
    await bed.admin`update event_bodies set body = repeat('x', ${limits.evidenceBodiesBytesMax + 1})
      where tenant_id = ${scene.tenantId}
      and seq = (select seq from events where tenant_id = ${scene.tenantId} and event_id = 'three')`;
    const { text, valuesOf: of } = await scene.exported();
    expect(of('event')).toMatchObject([
      { eventId: 'three', state: 'too_large', body: null, commitment: expect.any(String) },
      { eventId: 'two', state: 'gone', body: null, commitment: null },
      { eventId: 'one', state: 'erased', body: null, salt: null, commitment: expect.any(String) },
    ]);
    expect(checkFile(text)).toEqual([]);
  });

  it('is for responders and auditors of the tenant', async () => {
    const scene = await makeScene();
    for (const role of ['viewer', 'analyst', 'reviewer', 'admin'] as const) {
      await expect(scene.exported(await scene.as(role))).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    for (const kind of ['agent', 'service', 'enforcer', 'ingest'] as const) {
      const key = makeCtx(bed.app, scene.tenant.id, keyActor(kind));
      await expect(scene.exported(key)).rejects.toMatchObject({ code: 'forbidden' });
    }
    const other = await makeTenant(bed);
    const stranger = makeCtx(bed.app, other.id, await makePerson(bed, other.id, ['responder']));
    await expect(scene.exported(stranger)).rejects.toMatchObject({ code: 'not_found' });
    expect(await scene.auditOf('containment.evidence_exported')).toEqual([]);
    expect((await scene.exported(await scene.as('auditor'))).file.isAsHeld).toBe(true);
  });

  it('has nothing to hand over of a stop that holds no evidence', async () => {
    const scene = await makeLeaseScene(bed);
    const scope = { kind: 'agent', id: 'payer' } as const;
    const stop = await placeStopOfLevel(scene.responder, { scope, level: 3, reason: 'leak' });
    const found = await findContainment(scene.responder, { stopId: stop.id });
    await expect(exportEvidence(scene.responder, found?.id ?? '')).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(exportEvidence(scene.responder, 'ctm_none')).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

function setOf(records: readonly FileRecord[], kind: string, name: string, value: unknown): void {
  const found = records.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no record ${kind}`);
  found.value[name] = value;
}
