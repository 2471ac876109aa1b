import type { TraceText } from '#server/detection/destinations.ts';
import type { ToolFacts } from '#server/detection/event-fields.ts';
import { linkArguments } from '#server/guard/link-arguments.ts';
import { limits } from '#server/kernel/limits.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** Which arguments of a call untrusted content of its trace had before. */
export interface UntrustedArguments {
  /** RFC 6901 pointers, each once, bounded. */
  readonly paths: readonly string[];
  /** False where not all of that content could be looked through. */
  readonly isWhole: boolean;
}

/**
 * A call of a registered tool that does something, told with its arguments. What nobody registered is left
 * out: an agent whose tools nobody registered would have its texts read again for nearly every call.
 */
export function hasEffect(event: StoredEvent, tool: ToolFacts | null): boolean {
  if (event.kind !== 'tool_call' || event.phase === 'end' || event.revision > 0) return false;
  return tool !== null && tool.effectClass !== 'read';
}

/**
 * Holds a call's arguments against what untrusted content of its trace said before it, by event time, and
 * against what the user said: that is nobody else's. Both are compared as the log keeps them, redacted
 * alike. Newest content first, as far as `limits.linkedCharsMax`. Pure.
 */
export function untrustedArgumentsOf(
  input: unknown,
  texts: readonly TraceText[],
  at: number,
): UntrustedArguments {
  const before = texts.filter((item) => item.at < at).toSorted((a, b) => b.at - a.at);
  const sources: TraceText[] = [];
  let left = limits.linkedCharsMax;
  for (const item of before) {
    if (item.kind === 'untrusted' && (left -= item.text.length) >= 0) sources.push(item);
  }
  const { links, isWhole } = linkArguments(input, sources, {
    trusted: before.flatMap(({ kind, text }) => (kind === 'asked' ? [text] : [])),
    candidatesMax: limits.linkedCandidatesMax,
  });
  const paths = [...new Set(links.map(({ pointer }) => pointer))];
  return {
    paths: paths.slice(0, limits.linkedPathsMax),
    isWhole: isWhole && left >= 0 && !before.some(({ kind }) => kind === 'unread'),
  };
}
