import { sql } from 'drizzle-orm';
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

interface Row extends Record<string, unknown> {
  readonly event_id: string;
  readonly trust: string;
  readonly name: string | null;
  readonly origin: string | null;
  readonly body: string | null;
}

/**
 * What the trace of an action had read from untrusted sources until it asked, and what its user had said,
 * newest first and bounded; bodies are redacted as everything in the log.
 */
export async function readTraceTexts(
  tx: Tx,
  ctx: Ctx,
  of: { readonly traceId: string | null; readonly requestedAt: string },
): Promise<TraceText[]> {
  const { traceId, requestedAt } = of;
  if (traceId === null) return [];
  const rows = await tx.execute<Row>(sql`
    select e.event_id, e.trust, e.name, b.body::json -> 'source' ->> 'origin' as origin, b.body
    from events e join event_bodies b on b.tenant_id = e.tenant_id
      and b.received_on = e.received_on and b.seq = e.seq
    where e.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and e.trace_id = ${traceId}::uuid
      and (e.trust = 'untrusted' or e.kind = 'user_message') and b.body is not null
      and e.received_at <= ${requestedAt}::timestamptz
      and length(b.body) <= ${limits.provenanceBodyCharsMax}
    order by e.received_at desc, e.seq desc limit ${limits.provenanceEventsMax}`);
  return rows.map((row) => {
    const body = JSON.parse(row.body ?? '{}') as Record<'input' | 'output' | 'error', unknown>;
    const isTrusted = row.trust !== 'untrusted';
    const said = isTrusted ? [body.input, body.output] : [body.output, body.error];
    const texts = [...stringsOf(said)].map(({ text }) => text);
    const origin = row.origin ?? row.name ?? 'unknown';
    return { isTrusted, eventId: row.event_id, traceId, origin, text: texts.join('\n') };
  });
}

const charsMin = 5;

/**
 * Stretches of arguments that untrusted content of the trace contained before and no message of the
 * user. The log holds placeholders where personal data stood, so the argument's side is redacted alike
 * and compared by its suffix. Pure.
 */
export function findProvenance(
  value: unknown,
  texts: readonly TraceText[],
  redaction: RedactionTools,
): OpenedArguments['provenance'] {
  const links = linkArguments(
    value,
    texts.filter((one) => !one.isTrusted),
    {
      trusted: texts.flatMap((one) => (one.isTrusted ? [one.text] : [])),
      spell: (part, name) => redactPart(part, name, redaction),
      stretches: findSensitive,
    },
  );
  return links.map(({ pointer, start, end, source: { eventId, traceId, origin } }) => ({
    pointer,
    start,
    end,
    eventId,
    traceId,
    origin,
  }));
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
