import { scoreWithTraits } from '#server/guard/score-injection.ts';
import { leavesOf } from '#server/detection/sigma/prepared-event.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventKind, StoredEvent } from '#server/telemetry/contract.ts';

/** Kinds whose output comes from elsewhere; what the agent itself says only repeats it. */
const readKinds: ReadonlySet<EventKind> = new Set([
  'tool_call',
  'retrieval',
  'memory_read',
  'data_access',
  'user_message',
]);

/** Shorter texts hold no instruction. */
const textCharsMin = 16;

/**
 * The deep layer: how far what an event brought in from outside reads like an injected instruction,
 * 0 to 1; null where nobody distrusts it or there is nothing to read. It costs two thirds of the whole inline
 * layer again (`node bench/guard.ts`), too much for ingest, so it runs here, behind the log, on untrusted text only, and only while a rule asks for it.
 * What it costs shows as the detector's lag.
 */
export function scoreContent(
  event: Pick<StoredEvent, 'kind' | 'body'> & { readonly trust?: string },
): number | null {
  if (!readKinds.has(event.kind)) return null;
  const { body } = event;
  if ((event.trust ?? body.source.trust) !== 'untrusted') return null;
  const isMessage = event.kind === 'user_message';
  const leaves = leavesOf(isMessage ? [body.input, body.output] : [body.output, body.error]);
  const text = leaves
    .filter((leaf) => typeof leaf === 'string')
    .join('\n')
    .slice(0, limits.deepScanCharsMax);
  if (text.length < textCharsMin) return null;
  return scoreWithTraits(text, isMessage ? 'user_input' : 'tool_output');
}
