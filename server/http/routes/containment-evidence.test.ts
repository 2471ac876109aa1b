import { describe, expect, it } from 'vitest';
import { containAgent } from '#server/containment/contain/begin-containment.ts';
import { containInput } from '#server/containment/contain/contract.ts';
import { makeCallers } from '#server/testing/authorisation-callers.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

async function makeScene() {
  const tenant = await makeTenant(bed);
  await makeAgent(bed, tenant.id, 'payer');
  const responder = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const { id } = await containAgent(
    responder,
    containInput.parse({ agent: 'payer', reason: 'hijacked' }),
  );
  const callers = await makeCallers(bed, served, tenant.id);
  const ask = (principal: string, extra: Readonly<Record<string, string>> = {}, named = id) =>
    fetch(`${served.url}/api/v1/containments/${named}/evidence?tenant=${tenant.slug}`, {
      headers: { ...callers.find((one) => one.principal === principal)?.headers, ...extra },
    });
  return { id, ask };
}

describe('the evidence of a containment', () => {
  it('comes as one file that no cache keeps', async () => {
    const { id, ask } = await makeScene();
    const answer = await ask('responder');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="signalbox-evidence-${id}.json"`,
    );
    const file = (await answer.json()) as { isAsHeld: boolean; records: object[] };
    expect(file.isAsHeld).toBe(true);
    expect(file.records.slice(0, 2)).toMatchObject([
      { kind: 'containment', value: { id } },
      { kind: 'evidence' },
    ]);
  });

  it.each([
    ['admin', {}, 403],
    ['service key', {}, 401],
    ['responder', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('is refused to %s with %o', async (principal, extra, status) => {
    const { ask } = await makeScene();
    expect((await ask(principal, extra)).status).toBe(status);
  });

  it.each(['none', 'x'.repeat(300), 'stp_01hzzzzzzzzzzzzzzzzzzzzzzz'])(
    'is not there under %s',
    async (named) => {
      const { ask } = await makeScene();
      expect((await ask('responder', {}, named)).status).toBe(404);
    },
  );
});
