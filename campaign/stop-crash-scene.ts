import { issueKey } from '#server/agents/issue-key.ts';
import { withAdmin } from './crash-database.ts';
import { type Caller, keyCaller } from './crash-doors.ts';
import type { CrashStack } from './crash-stack.ts';
import type { CrashProvider } from './revoke-crash-provider.ts';
import {
  asOwner,
  type Family,
  makeRevokeScene,
  type RevokeScene,
  signInPerson,
} from './revoke-crash-scene.ts';
import type { AgentDoor, Manner } from './stop-crash-agents.ts';

/** The people and keys of the campaign. */
export interface StopScene {
  readonly stack: CrashStack;
  readonly provider: CrashProvider;
  /** Two who may lift; the first may revoke as well. */
  readonly people: readonly [Caller, Caller];
  /** Of a service that stops and reads. */
  readonly program: Caller;
  readonly enforcer: Caller;
  readonly makeCrew: (name: string) => Promise<Crew>;
}

/** The agents of a round, in an environment of their own. */
export interface Crew {
  readonly environment: string;
  readonly doors: Readonly<Record<Manner, AgentDoor>>;
  /** What the liar may take leases of. */
  readonly family: Family;
}

const others = ['truthful', 'poller', 'silent', 'exporter'] as const;

/** Brings a provider, two people, a service and an enforcer. */
export async function makeStopScene(
  stack: CrashStack,
  provider: CrashProvider,
): Promise<StopScene> {
  const revoking: RevokeScene = await makeRevokeScene(stack, provider);
  const second = await signInPerson(stack, 'responder@crash.example', ['responder']);
  const { key } = await asOwner(stack, (ctx) => issueKey(ctx, { kind: 'service', name: 'stop' }));
  return {
    stack,
    provider,
    people: [revoking.person, second],
    program: keyCaller(key),
    enforcer: keyCaller(revoking.enforcerKey),
    makeCrew: async (name) => {
      const family = await revoking.makeFamily(`${name}-liar`);
      const keys = await asOwner(stack, async (ctx) => {
        const made: Partial<Record<Manner, string>> = { liar: family.agentKey };
        for (const manner of others) {
          const agent = `${name}-${manner}`;
          made[manner] = (await issueKey(ctx, { kind: 'agent', name: agent, agent })).key;
        }
        return made;
      });
      await withAdmin(
        stack,
        (sql) => sql`update agents set environment = ${name} where slug like ${`${name}-%`}`,
      );
      const doorOf = (manner: Manner): AgentDoor => ({
        url: stack.proxy.url,
        key: keys[manner] ?? '',
        slug: `${name}-${manner}`,
        instanceId: 'pod-1',
      });
      return {
        environment: name,
        family,
        doors: {
          truthful: doorOf('truthful'),
          liar: doorOf('liar'),
          poller: doorOf('poller'),
          silent: doorOf('silent'),
          exporter: doorOf('exporter'),
        },
      };
    },
  };
}
