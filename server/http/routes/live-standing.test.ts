import { encode } from 'next-auth/jwt';
import { describe, expect, it } from 'vitest';
import { changeRoles } from '#server/auth/change-roles.ts';
import { endSignIn } from '#server/auth/end-sign-in.ts';
import { readSignIn } from '#server/auth/read-sign-in.ts';
import { removePerson } from '#server/auth/remove-person.ts';
import { makeSignIn } from '#server/testing/authorisation-targets.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

/** A person of a tenant who watches it live. */
async function watch() {
  const tenant = await makeTenant(bed);
  await makePerson(bed, tenant.id, ['admin']);
  const person = await makePerson(bed, tenant.id, ['analyst']);
  const userId = person.type === 'person' ? person.userId : '';
  const { id: signInId } = await makeSignIn(bed, userId);
  const secret = served.services.secrets.session;
  const token = await encode({ token: { signInId }, secret });
  const input = encodeURIComponent(JSON.stringify({ json: { tenant: tenant.slug } }));
  const answer = await fetch(
    `${served.url}/api/trpc/live.changes?tenant=${tenant.slug}&input=${input}`,
    { headers: { cookie: `signalbox.sign-in=${token}`, accept: 'text/event-stream' } },
  );
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let heard = '';
  /** Reads on until the pattern was heard, or the stream ended. */
  const listenFor = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(heard)) {
      const chunk = await reader?.read();
      if (chunk?.value === undefined || chunk.done) break;
      heard += decoder.decode(chunk.value, { stream: true });
    }
    return heard;
  };
  await listenFor(/data: .*"isResync"/);
  const stop = () => reader?.cancel();
  return { cli: makeCtx(bed.owner, tenant.id, cliActor), userId, signInId, listenFor, stop };
}

type Watcher = Awaited<ReturnType<typeof watch>>;

describe('a live stream', () => {
  it.each<[string, string, (watcher: Watcher) => Promise<unknown>]>([
    [
      'its sign-in ends',
      'UNAUTHORIZED',
      async ({ signInId }) => {
        const person = await readSignIn(bed.app, signInId, { isActivity: false });
        if (person) await endSignIn(bed.app, person, signInId, 'r');
      },
    ],
    ['its person is removed', 'UNAUTHORIZED', ({ cli, userId }) => removePerson(cli, userId)],
  ])('is cut within five seconds when %s', async (_what, code, end) => {
    const watcher = await watch();
    await end(watcher);
    const heard = await watcher.listenFor(/serialized-error/);
    expect(heard).toContain(`"code":"${code}"`);
    // One sign of life a second, after the first.
    expect(heard.match(/data: .*"isResync"/g)?.length).toBeLessThanOrEqual(6);
    await watcher.stop();
  });

  it('goes on when roles change to others that may watch', async () => {
    const watcher = await watch();
    await changeRoles(watcher.cli, { userId: watcher.userId, roles: ['viewer'] });
    const changedAtMs = performance.now();
    // Five signs of life reach over several checks.
    const heard = await watcher.listenFor(/(?:data: .*"isResync"[^]*){5}|serialized-error/);
    expect(heard).not.toContain('serialized-error');
    expect(performance.now() - changedAtMs).toBeGreaterThan(4_000);
    await watcher.stop();
  });

  it('does not keep a sign-in alive by being open', async () => {
    const watcher = await watch();
    await bed.admin`update sign_ins set last_seen_at = now() - interval '121 minutes'`;
    const heard = await watcher.listenFor(/serialized-error/);
    expect(heard).toContain('"code":"UNAUTHORIZED"');
    await watcher.stop();
  });
});
