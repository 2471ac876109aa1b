import { and, eq, inArray, lt, or, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { CallPermit } from '#db/enums.ts';
import { actions } from '#db/schema/actions.ts';
import { governedCalls } from '#db/schema/calls.ts';
import { permits } from '#db/schema/permits.ts';
import { joinCalls, type RedeemedAction } from '#server/detection/join-calls.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';

/** A call as it lies in the table. */
export type CallRow = typeof governedCalls.$inferSelect;

/** What a batch's calls of governed tools lead to. */
export interface JoinedCalls {
  /** By event: whether the call had a permit. A call that only began is not among them. */
  readonly permits: ReadonlyMap<string, CallPermit>;
  /** Earlier calls that are without a permit from now on: another one named their action. */
  readonly displaced: readonly CallRow[];
  readonly written: readonly CallRow[];
  /** Starts whose end has come. */
  readonly closed: readonly string[];
}

const nothing: JoinedCalls = { permits: new Map(), displaced: [], written: [], closed: [] };

/**
 * Joins the governed calls of a batch with the redeems of their agents, together with every earlier
 * call that competes for the same redeems. `isDue`: starts that waited too long for their end are
 * judged as they are.
 */
export async function joinGovernedCalls(
  tx: Tx,
  ctx: Ctx,
  governed: readonly TailEvent[],
  isDue: boolean,
): Promise<JoinedCalls> {
  const fresh = governed.map((event) => rowOf(ctx, event));
  const stale = isDue ? await readStale(tx, ctx) : [];
  if (fresh.length === 0 && stale.length === 0) return nothing;
  const asked = [...fresh, ...stale];
  const known = await readCompeting(tx, ctx, asked, await readRedeems(tx, ctx, asked));
  // Once more, with what the competing calls stand on.
  const redeems = Map.groupBy(await readRedeems(tx, ctx, [...asked, ...known]), groupOf);
  const { rows, closed } = pairPhases([...known, ...fresh], new Set(stale.map((r) => r.eventId)));
  const before = new Map(known.map((row) => [row.eventId, row]));
  const permitsOf = new Map<string, CallPermit>();
  const displaced: CallRow[] = [];
  const written: CallRow[] = rows.filter((row) => row.isOpen && !before.has(row.eventId));
  const groups = Map.groupBy(
    rows.filter((row) => !row.isOpen),
    groupOf,
  );
  for (const [group, calls] of groups) {
    const joined = joinCalls(calls.map(toldOf), redeems.get(group) ?? []);
    for (const call of calls) {
      const actionId = joined.get(call.eventId) ?? null;
      const permit = permitOf(call, actionId);
      const was = before.get(call.eventId);
      if (was === undefined || was.isOpen) permitsOf.set(call.eventId, permit);
      if (was?.permit === permit && was.actionId === actionId) continue;
      const row = { ...call, actionId, permit };
      written.push(row);
      if (was?.permit === 'redeemed' && permit === 'missing') displaced.push(row);
      else if (was?.isOpen === true && permit !== 'redeemed') displaced.push(row);
    }
  }
  return { permits: permitsOf, displaced, written, closed };
}

/** Writes what {@link joinGovernedCalls} found; an action that changes hands is let go of first. */
export async function writeCalls(tx: Tx, ctx: Ctx, joined: JoinedCalls): Promise<void> {
  const { written, closed } = joined;
  const ids = [...closed, ...written.map((row) => row.eventId)];
  for (let start = 0; start < ids.length; start += chunkRows) {
    await tx
      .delete(governedCalls)
      .where(
        and(
          eq(governedCalls.tenantId, ctx.tenantId),
          inArray(governedCalls.eventId, ids.slice(start, start + chunkRows)),
        ),
      );
  }
  for (let start = 0; start < written.length; start += chunkRows) {
    await tx.insert(governedCalls).values(written.slice(start, start + chunkRows));
  }
}

/** Rows of one statement: far below the driver's 65,534 parameters. */
const chunkRows = 1000;

const groupOf = (call: { readonly agentId: string; readonly tool: string }) =>
  `${call.agentId} ${call.tool}`;

function permitOf(call: CallRow, actionId: string | null): CallPermit {
  if (!call.isVerified) return 'unverified';
  return actionId === null ? 'missing' : 'redeemed';
}

function rowOf(ctx: Ctx, event: TailEvent): CallRow {
  const { agentId, agentSlug, traceId, spanId, parentSpanId, sessionId, callId } = event;
  const isOver = event.endedAt !== null && event.endedAt < event.receivedAt;
  return {
    tenantId: ctx.tenantId,
    eventId: event.id,
    agentId,
    agentSlug,
    tool: event.name ?? '',
    traceId,
    spanId,
    parentSpanId,
    sessionId,
    callId,
    isVerified: event.identity === 'verified',
    claimedAction: event.actionId,
    startedAt: event.startedAt,
    endedAt: isOver && event.endedAt !== null ? event.endedAt : event.receivedAt,
    isOpen: event.phase === 'start',
    permit: null,
    actionId: null,
  };
}

const toldOf = (call: CallRow) => ({ ...call, endedAtMs: Date.parse(call.endedAt) });

/** A call that is told twice counts once, at its end, whichever of the two arrives first. */
function pairPhases(
  calls: readonly CallRow[],
  stale: ReadonlySet<string>,
): { readonly rows: CallRow[]; readonly closed: string[] } {
  const ended = new Set(calls.filter((call) => !call.isOpen).flatMap(phaseKeys));
  const rows: CallRow[] = [];
  const closed: string[] = [];
  for (const call of calls) {
    if (!call.isOpen) rows.push(call);
    else if (phaseKeys(call).some((key) => ended.has(key))) closed.push(call.eventId);
    else rows.push({ ...call, isOpen: !stale.has(call.eventId) });
  }
  return { rows, closed };
}

/** The start and the end of a call have its call id in common, or its span. */
function phaseKeys({ agentId, tool, traceId, callId, spanId }: CallRow): string[] {
  const place = `${agentId} ${traceId} ${tool}`;
  if (callId !== null) return [`${place} call ${callId}`];
  return spanId === null ? [] : [`${place} span ${spanId}`];
}

function readStale(tx: Tx, ctx: Ctx): Promise<CallRow[]> {
  return tx
    .select()
    .from(governedCalls)
    .where(
      and(
        eq(governedCalls.tenantId, ctx.tenantId),
        governedCalls.isOpen,
        lt(
          governedCalls.endedAt,
          sql`now() - make_interval(secs => ${limits.allowedLatenessMs / 1000})`,
        ),
      ),
    )
    .limit(limits.windowSweepRows);
}

const distinct = <T>(values: readonly (T | null)[]): T[] => [
  ...new Set(values.filter((value) => value !== null)),
];

type Redeem = RedeemedAction & { readonly agentId: string; readonly tool: string };

/** Redeemed actions that these calls may be the calls of, or are. */
async function readRedeems(tx: Tx, ctx: Ctx, calls: readonly CallRow[]): Promise<Redeem[]> {
  const claimed = distinct(calls.flatMap((call) => [call.claimedAction, call.actionId])).filter(
    (id) => isId('action', id),
  );
  const callIds = distinct(calls.map((call) => call.callId));
  const rows = await tx
    .select({
      actionId: actions.id,
      agentId: actions.agentId,
      tool: actions.tool,
      traceId: actions.traceId,
      spanId: actions.spanId,
      idempotencyKey: actions.idempotencyKey,
      redeemedAt: permits.redeemedAt,
    })
    .from(actions)
    .innerJoin(
      permits,
      and(
        eq(permits.tenantId, actions.tenantId),
        eq(permits.actionId, actions.id),
        sql`${permits.redeemedAt} is not null`,
      ),
    )
    .where(
      and(
        eq(actions.tenantId, ctx.tenantId),
        inArray(actions.agentId, distinct(calls.map((call) => call.agentId))),
        or(
          inArray(actions.traceId, distinct(calls.map((call) => call.traceId))),
          claimed.length === 0 ? undefined : inArray(actions.id, claimed),
          callIds.length === 0 ? undefined : inArray(actions.idempotencyKey, callIds),
        ),
      ),
    );
  return rows.map((row) => ({ ...row, redeemedAtMs: Date.parse(row.redeemedAt ?? '') }));
}

/** Calls told before, of the same traces or joined with the same actions. */
function readCompeting(
  tx: Tx,
  ctx: Ctx,
  calls: readonly CallRow[],
  redeems: readonly Redeem[],
): Promise<CallRow[]> {
  const actionIds = redeems.map((redeem) => redeem.actionId);
  const traceIds = distinct([
    ...calls.map((call) => call.traceId),
    ...redeems.map((redeem) => redeem.traceId),
  ]);
  return tx
    .select()
    .from(governedCalls)
    .where(
      and(
        eq(governedCalls.tenantId, ctx.tenantId),
        inArray(governedCalls.agentId, distinct(calls.map((call) => call.agentId))),
        or(
          inArray(governedCalls.traceId, traceIds),
          actionIds.length === 0 ? undefined : inArray(governedCalls.actionId, actionIds),
        ),
      ),
    );
}
