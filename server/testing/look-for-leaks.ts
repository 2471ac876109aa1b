import { exportedLists } from '#server/http/routes/export-lists.ts';
import { callOverHttp, type Caller } from './authorisation-callers.ts';
import { procedureTable } from './authorisation-table.ts';
import type { TargetNoun } from './authorisation-targets.ts';
import type { TestWeb } from './http.ts';

/** What is looked for and where: everything that anybody of a tenant can be shown over HTTP. */
export interface Look {
  readonly served: TestWeb;
  readonly callers: readonly Caller[];
  readonly tenantSlug: string;
  /** What the thing in question is found by; of other nouns there is nothing to find. */
  readonly ids: Readonly<Partial<Record<TargetNoun, readonly string[]>>>;
  /** Trace of the thing in question; named where a list or a door shows one. */
  readonly traceId: string;
  /** Searched for. A trace that is found by one is told, even where no word of it is shown. */
  readonly words: readonly string[];
  readonly holds: (text: string) => boolean;
}

/** Procedures that change what is looked at. */
const changing =
  /\.(vote|ask|edit|place|lift|add|change\w*|remove|issue|revoke|register|end|ingest|acknowledge|resolve|enable|disable)$/;
/** What opens sealed arguments to those who may decide, and to nobody else. */
const opening = ['approvals.open', 'approvals.reveal'];

/** Where it is shown, and to whom: every procedure, search, export and door that tells of the tenant. */
export async function lookForLeaks(look: Look): Promise<string[]> {
  const parts = [onScreens(look), lookInSearch(look), inExports(look), atDoors(look)];
  return (await Promise.all(parts)).flat().toSorted();
}

const reachable = ({ callers }: Look) => callers.filter((one) => one.headers !== null);

async function onScreens(look: Look): Promise<string[]> {
  const { served, tenantSlug, ids } = look;
  const leaks = new Set<string>();
  for (const [path, row] of Object.entries(procedureTable)) {
    if (changing.test(path)) continue;
    const isOpening = opening.includes(path);
    const type = isOpening ? 'mutation' : path.startsWith('live.') ? 'subscription' : 'query';
    const ask = async (caller: Caller, id: string) => {
      if (isOpening && caller.principal === 'reviewer') return;
      const input = row.input?.({ id, fresh: 'x', tenantSlug });
      const { text } = await callOverHttp(served, caller, { path, type, input, tenantSlug });
      if (look.holds(text)) leaks.add(`${path} to ${caller.principal}`);
    };
    const asked = (row.on === undefined ? undefined : ids[row.on]) ?? ['none'];
    await Promise.all(reachable(look).flatMap((caller) => asked.map((id) => ask(caller, id))));
  }
  // The table asks these of no trace that there is.
  for (const path of ['actions.ofTrace', 'actions.chain', 'traces.facts']) {
    const call = { path, type: 'query', input: { traceId: look.traceId }, tenantSlug } as const;
    for (const caller of reachable(look)) {
      const { text } = await callOverHttp(served, caller, call);
      if (look.holds(text)) leaks.add(`${path} to ${caller.principal}`);
    }
  }
  return [...leaks];
}

/** Who finds the trace in question by one of the words. */
export async function lookInSearch(look: Look): Promise<string[]> {
  const { served, tenantSlug } = look;
  const leaks: string[] = [];
  for (const q of look.words) {
    const input = { limit: 200, q };
    const call = { path: 'traces.list', type: 'query', input, tenantSlug } as const;
    for (const caller of reachable(look)) {
      const { text } = await callOverHttp(served, caller, call);
      const isHit = text.includes(look.traceId) || look.holds(text);
      if (isHit) leaks.push(`search by ${caller.principal}`);
    }
  }
  return leaks;
}

async function inExports(look: Look): Promise<string[]> {
  const leaks: string[] = [];
  for (const list of Object.keys(exportedLists)) {
    let isGiven = false;
    for (const caller of look.callers.filter((one) => one.userId !== null)) {
      const query = `tenant=${look.tenantSlug}&format=jsonl&filter=${encodeURIComponent('{}')}`;
      const answer = await fetch(`${look.served.url}/api/v1/exports/${list}?${query}`, {
        headers: { ...caller.headers, 'sec-fetch-site': 'same-origin' },
      });
      isGiven ||= answer.ok;
      if (look.holds(await answer.text())) leaks.push(`export ${list} to ${caller.principal}`);
    }
    if (!isGiven) leaks.push(`export ${list} was given to nobody, so it proves nothing`);
  }
  return leaks;
}

async function atDoors(look: Look): Promise<string[]> {
  const leaks: string[] = [];
  for (const door of ['alerts', 'agents', `traces/${look.traceId}`]) {
    for (const caller of reachable(look).filter((one) => one.userId === null)) {
      const answer = await fetch(`${look.served.url}/api/v1/${door}`, {
        headers: { ...caller.headers },
      });
      if (look.holds(await answer.text())) leaks.push(`door ${door} to ${caller.principal}`);
    }
  }
  return leaks;
}
