import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '#db/client.ts';
import { findSensitive } from '#server/guard/inspect-text.ts';
import { linkArguments } from '#server/guard/link-arguments.ts';
import { stringsOf } from '#server/guard/walk-strings.ts';
import type { RedactionTools } from '#server/ingest/redact.ts';
import { redactJson } from '#server/ingest/redact-json.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { OpenedArguments } from './contract.ts';

/** Redacted text of one untrusted event, or of a message of the user. */
export interface TraceText {
  readonly isTrusted: boolean;
  readonly eventId: string;
  readonly traceId: string;
  readonly origin: string;
  readonly text: string;
}

/** What stands upstream of an action. */
export interface TraceTexts {
  /** Newest first. */
  readonly texts: readonly TraceText[];
  /**
   * False where untrusted content could not be read: too much, too long, or erased. What is linked to
   * nothing may then come from it all the same.
   */
  readonly isWhole: boolean;
}

/** An event as it is read for its text; `body` is null where it was erased or is too long. */
export interface TextRow {
  readonly event_id: string;
  readonly trace_id: string;
  readonly trust: string;
  readonly kind: string;
  readonly name: string | null;
  readonly body: string | null;
}

type Row = TextRow & Record<string, unknown>;

const partsSchema = z.object({
  input: z.unknown(),
  output: z.unknown(),
  error: z.unknown(),
  source: z.object({ origin: z.string().nullish() }).nullish(),
});

/** Texts of rows that are newest first, up to a number of events and of characters. Pure. */
export function traceTextsOf(
  rows: readonly TextRow[],
  bounds: { readonly eventsMax: number; readonly charsMax: number },
): TraceTexts {
  const texts: TraceText[] = [];
  let isWhole = rows.length <= bounds.eventsMax;
  let left = bounds.charsMax;
  for (const row of rows.slice(0, bounds.eventsMax)) {
    const text = textOf(row);
    if (text !== null && (left -= text.text.length) >= 0) texts.push(text);
    // Without a message of the user less is explained by him, and more is linked: that errs safely.
    else isWhole &&= row.trust !== 'untrusted';
    if (left < 0) break;
  }
  return { texts, isWhole: isWhole && left >= 0 };
}

function textOf(row: TextRow): TraceText | null {
  if (row.body === null) return null;
  const { input, output, error, source } = partsSchema.parse(JSON.parse(row.body));
  const isTrusted = row.trust !== 'untrusted';
  // Of a call only what came back: its arguments are the agent's own words.
  const said = isTrusted || row.kind === 'user_message' ? [input, output] : [output, error];
  const text = [...stringsOf(said)].map((one) => one.text).join('\n');
  const origin = source?.origin ?? row.name ?? 'unknown';
  return {
    isTrusted,
    eventId: row.event_id,
    traceId: row.trace_id.replaceAll('-', ''),
    origin,
    text,
  };
}

/**
 * What the trace of an action had read from untrusted sources until it asked, and what its user had said,
 * newest first and bounded; bodies are redacted as everything in the log.
 */
export async function readTraceTexts(
  tx: Tx,
  ctx: Ctx,
  of: { readonly traceId: string | null; readonly requestedAt: string },
): Promise<TraceTexts> {
  const { traceId, requestedAt } = of;
  if (traceId === null) return { texts: [], isWhole: false };
  const rows = await tx.execute<Row>(sql`
    select e.event_id, e.trace_id::text, e.trust, e.kind, e.name,
      case when length(b.body) <= ${limits.provenanceBodyCharsMax} then b.body end as body
    from events e left join event_bodies b on b.tenant_id = e.tenant_id
      and b.received_on = e.received_on and b.seq = e.seq
    where e.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and e.trace_id = ${traceId}::uuid
      and (e.trust = 'untrusted' or e.kind = 'user_message')
      and e.received_at <= ${requestedAt}::timestamptz
    order by e.received_at desc, e.seq desc limit ${limits.provenanceEventsMax + 1}`);
  if (rows.length === 0) return { texts: [], isWhole: await isTraceKnown(tx, ctx, traceId) };
  return traceTextsOf(rows, {
    eventsMax: limits.provenanceEventsMax,
    charsMax: limits.provenanceCharsMax,
  });
}

/** Of a trace that nothing was told of, nothing is known. */
async function isTraceKnown(tx: Tx, ctx: Ctx, traceId: string): Promise<boolean> {
  const found = await tx.execute(sql`
    select 1 from events where tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and trace_id = ${traceId}::uuid limit 1`);
  return found.length > 0;
}

const charsMin = 5;

/**
 * Stretches of arguments that untrusted content of the trace contained before and no message of the
 * user. The log holds placeholders where personal data stood, so the argument's side is redacted alike
 * and compared by its suffix. `isWhole` is false where a text or a stretch was not looked at. Pure.
 */
export function findProvenance(
  value: unknown,
  { texts, isWhole }: TraceTexts,
  redaction: RedactionTools,
  candidatesMax: number = limits.provenanceCandidatesMax,
): { readonly found: OpenedArguments['provenance']; readonly isWhole: boolean } {
  const linked = linkArguments(
    value,
    texts.filter((one) => !one.isTrusted),
    {
      trusted: texts.flatMap((one) => (one.isTrusted ? [one.text] : [])),
      spell: (part, name) => redactPart(part, name, redaction),
      stretches: findSensitive,
      candidatesMax,
    },
  );
  const found = linked.links.map(
    ({ pointer, start, end, source: { eventId, traceId, origin } }) => ({
      pointer,
      start,
      end,
      eventId,
      traceId,
      origin,
    }),
  );
  return { found, isWhole: isWhole && linked.isWhole };
}

/** The part as the log would hold it; null where that cannot be said. */
function redactPart(part: string, name: string | null, redaction: RedactionTools): string | null {
  try {
    const named = name === null ? part : { [name]: part };
    const redacted = redactJson(named, redaction);
    const [first] =
      typeof redacted === 'object' && redacted !== null ? Object.values(redacted) : [redacted];
    return typeof first === 'string' && first.length >= charsMin ? first : null;
  } catch {
    return null;
  }
}
