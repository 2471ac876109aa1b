import { hotQuery } from '#db/hot-query.ts';
import type { Tx } from '#db/client.ts';
import { openTransaction } from '#db/open-transaction.ts';
import type { OpenedArguments } from '#server/approvals/contract.ts';
import {
  findProvenance,
  type TextRow,
  type TraceTexts,
  traceTextsOf,
} from '#server/approvals/find-provenance.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { RiskInput } from '#server/policy/contract.ts';
import type { Ask } from './contract.ts';
import { recentDays } from './read-taint.ts';

type UntrustedArguments = NonNullable<RiskInput['untrustedArguments']>;

interface Row extends TextRow {
  readonly is_more_left: boolean;
}

/**
 * Events of the trace that is named, and of the session's. Days are part of the text as they are where
 * the taint is read. What is older, and more traces of a session than are read, is told to be there.
 */
const tracedOf = (days: string): string => `
  select tenant_id, event_id, trace_id, trust, kind, name, received_at, received_on, seq from events
  where tenant_id = $1::uuid and trace_id = any (array(select id from upstream))
    and received_on in (${days}) and (trust = 'untrusted' or kind = 'user_message')`;

/** Events that the agent says it derived the call from. */
const derivedOf = (days: string): string => `
  select e.tenant_id, e.event_id, e.trace_id, 'untrusted', e.kind, e.name, e.received_at,
    e.received_on, e.seq
  from event_ids i join events e on e.tenant_id = i.tenant_id and e.incarnation = i.incarnation
    and e.xid = i.xid and e.seq = i.seq and e.received_on = i.received_on
  where i.tenant_id = $1::uuid and i.id = any ($4::text[]) and e.trust <> 'trusted'
    and e.received_on in (${days})`;

/** Newest first. Event ids lie in many partitions: they are left out where the agent names none. */
const textOf = (days: string, isDerived: boolean): string => `with upstream as (
    select $2::uuid as id where $2::uuid is not null
    union
    (select tr.id from traces tr where tr.tenant_id = $1::uuid and tr.session_id = $3::text
      order by tr.last_received_at desc limit ${limits.askedTracesMax + 1})
  )
select e.event_id, e.trace_id::text, e.trust, e.kind, e.name,
  (select case when length(b.body) <= ${limits.askedCharsMax} then b.body end
    from event_bodies b where b.tenant_id = $1::uuid and b.received_on = e.received_on
      and b.seq = e.seq and b.received_on in (${days})) as body,
  (select count(*) from upstream) > ${limits.askedTracesMax}
    or exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.has_untrusted
      and tr.id = any (array(select id from upstream))
      and tr.first_received_at < (select min(day) from unnest(array[${days}]) as day))
    as is_more_left
from (${tracedOf(days)}${isDerived ? ` union ${derivedOf(days)}` : ''}) e
order by e.received_at desc, e.seq desc limit ${limits.askedEventsMax + 1}`;

/**
 * Which arguments of an ask stand in untrusted content upstream of it. For asks whose upstream is known
 * to be tainted, outside the gate: matching texts costs milliseconds that no stop should wait for.
 * Bounded by `limits.asked*`; what was not read within them is told, and counts as found.
 */
export async function findUntrustedArguments(
  ctx: Ctx,
  tools: HoldTools,
  ask: Ask,
): Promise<UntrustedArguments> {
  // A generic plan, as behind the gate: planning over the partitions took longer than running.
  const settings = { 'app.tenant': uuidOf(ctx.tenantId), plan_cache_mode: 'force_generic_plan' };
  const texts = await openTransaction(ctx.db, 'read only', settings, (tx) =>
    readUpstreamTexts(tx, ctx, ask),
  );
  const redaction = await tools.redactionOf(ctx);
  const { found, isWhole } = findProvenance(ask.args, texts, redaction, limits.askedCandidatesMax);
  return { isWhole, links: linksOf(found) };
}

async function readUpstreamTexts(tx: Tx, ctx: Ctx, ask: Ask): Promise<TraceTexts> {
  const isDerived = ask.derivedFrom.length > 0;
  const rows = await hotQuery<Row>(tx, textOf(recentDays(), isDerived), [
    uuidOf(ctx.tenantId),
    ask.traceId ?? null,
    ask.sessionId ?? null,
    ...(isDerived ? [ask.derivedFrom] : []),
  ]);
  const { texts, isWhole } = traceTextsOf(rows, {
    eventsMax: limits.askedEventsMax,
    charsMax: limits.askedCharsMax,
  });
  // Untrusted content is known to be there: where none of it was found, it was not read.
  const isSeen = rows.some((row) => row.trust === 'untrusted' && !row.is_more_left);
  return { texts, isWhole: isWhole && isSeen };
}

/** A name as tools declare one; anything else may be a value in a name's place. */
const plainName = /^[A-Za-z_][\w.-]{0,63}$/;

/** Each argument once with its newest source, by its outermost name: never a value. */
function linksOf(found: OpenedArguments['provenance']): UntrustedArguments['links'] {
  const byName = new Map<string, UntrustedArguments['links'][number]>();
  for (const { pointer, eventId, traceId } of found) {
    const name = (pointer.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
    const argument = plainName.test(name) ? name : 'an argument';
    if (!byName.has(argument)) byName.set(argument, { argument, eventId, traceId });
  }
  return [...byName.values()].slice(0, limits.untrustedArgumentsMax);
}
