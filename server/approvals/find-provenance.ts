import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { findSensitive } from '#server/guard/inspect-text.ts';
import type { RedactionTools } from '#server/ingest/redact.ts';
import { redactJson } from '#server/ingest/redact-json.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { OpenedArguments } from './contract.ts';
import { stringsOf } from './walk-strings.ts';

/** Redacted text of one untrusted event. */
export interface UntrustedText {
  readonly eventId: string;
  readonly traceId: string;
  readonly origin: string;
  readonly text: string;
}

interface Row extends Record<string, unknown> {
  readonly event_id: string;
  readonly name: string | null;
  readonly origin: string | null;
  readonly body: string | null;
}

/**
 * What the trace of an action had read from untrusted sources until it asked, newest first and bounded;
 * bodies are redacted as everything in the log.
 */
export async function readUntrustedTexts(
  tx: Tx,
  ctx: Ctx,
  of: { readonly traceId: string | null; readonly requestedAt: string },
): Promise<UntrustedText[]> {
  const { traceId, requestedAt } = of;
  if (traceId === null) return [];
  const rows = await tx.execute<Row>(sql`
    select e.event_id, e.name, b.body::json -> 'source' ->> 'origin' as origin, b.body
    from events e join event_bodies b on b.tenant_id = e.tenant_id
      and b.received_on = e.received_on and b.seq = e.seq
    where e.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and e.trace_id = ${traceId}::uuid
      and e.trust = 'untrusted' and b.body is not null
      and e.received_at <= ${requestedAt}::timestamptz
      and length(b.body) <= ${limits.provenanceBodyCharsMax}
    order by e.received_at desc, e.seq desc limit ${limits.provenanceEventsMax}`);
  return rows.map((row) => {
    const body = JSON.parse(row.body ?? '{}') as { output?: unknown; error?: unknown };
    const texts = [...stringsOf([body.output, body.error])].map(({ text }) => text);
    const origin = row.origin ?? row.name ?? 'unknown';
    return { eventId: row.event_id, traceId, origin, text: texts.join('\n') };
  });
}

interface Candidate {
  readonly start: number;
  readonly end: number;
}

const charsMin = 8;
/** What is rare enough to mean something alone: it has a digit, a dot, a slash or an @ inside. */
const telling = /[^\s"'<>()[\]{},;]*[\d@/.:][^\s"'<>()[\]{},;]*/gu;

/**
 * Stretches of arguments, of eight characters at least, that untrusted content of the trace contained
 * before: whole strings, their lines, and the telling words in them. The log holds placeholders where
 * personal data stood, so the argument's side is redacted alike and compared by its suffix. Pure.
 */
export function findProvenance(
  value: unknown,
  texts: readonly UntrustedText[],
  redaction: RedactionTools,
): OpenedArguments['provenance'] {
  const found: OpenedArguments['provenance'] = [];
  if (texts.length === 0) return found;
  let looked = 0;
  for (const { pointer, text, name } of stringsOf(value)) {
    const taken: Candidate[] = [];
    for (const candidate of candidatesOf(text, name)) {
      if (taken.some(({ start, end }) => start <= candidate.start && candidate.end <= end))
        continue;
      looked += 1;
      if (looked > limits.provenanceCandidatesMax) return found;
      const wanted = redactPart(text.slice(candidate.start, candidate.end), name, redaction);
      const source = wanted === null ? undefined : texts.find((one) => one.text.includes(wanted));
      if (source === undefined) continue;
      taken.push(candidate);
      const { eventId, traceId, origin } = source;
      found.push({ pointer, ...candidate, eventId, traceId, origin });
    }
  }
  return found;
}

/** Longest first, so that a line that is found spares its words. */
function candidatesOf(text: string, name: string | null): Candidate[] {
  const all: Candidate[] = [{ start: 0, end: text.length }];
  let from = 0;
  for (const line of text.split('\n')) {
    const start = from + (line.length - line.trimStart().length);
    all.push({ start, end: start + line.trim().length });
    from += line.length + 1;
  }
  for (const { start, end } of findSensitive(text, name)) all.push({ start, end });
  for (const match of text.matchAll(telling)) {
    all.push({ start: match.index, end: match.index + match[0].length });
  }
  return all
    .filter(({ start, end }) => end - start >= charsMin)
    .toSorted((a, b) => b.end - b.start - (a.end - a.start));
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
