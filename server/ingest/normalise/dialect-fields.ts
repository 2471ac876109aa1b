import type { Content, AttributeReader } from '#server/ingest/normalise/attribute-reader.ts';
import type { Dialect, EventKind, JsonObject } from '#server/telemetry/contract.ts';
import type { OtlpSpanEvent } from '#server/ingest/otlp-model.ts';

/** Tokens as the contract's `usage` names them. */
export interface TokenUsage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly cacheCreationInputTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
  readonly totalTokens?: number | undefined;
}

/**
 * What one dialect says of a span; absent means that it says nothing. Agent names and ids are as
 * the sender wrote them.
 */
export interface DialectFields {
  readonly kind?: EventKind | undefined;
  /** Name of the tool, guardrail or data source, when the dialect names one. */
  readonly name?: string | undefined;
  readonly agent?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly user?: string | undefined;
  readonly callId?: string | undefined;
  readonly modelAsked?: string | undefined;
  readonly modelAnswered?: string | undefined;
  readonly usage?: TokenUsage | undefined;
  readonly input?: Content | undefined;
  readonly output?: Content | undefined;
  readonly data?: JsonObject | undefined;
  readonly origin?: string | undefined;
}

/** The span as a dialect may look at it. */
export interface SpanView {
  readonly name: string;
  readonly events: readonly OtlpSpanEvent[];
  readonly attributes: AttributeReader;
}

/** One dialect: whether a span speaks it at all, and what it says then. */
export interface DialectReader {
  readonly dialect: Dialect;
  isSpoken(attributes: AttributeReader): boolean;
  read(span: SpanView): DialectFields;
}

/** Field by field, the leftmost that is told; tokens are merged one by one. */
export function mergeFields(all: readonly DialectFields[]): DialectFields {
  const merged: Record<string, unknown> = {};
  for (const fields of all) {
    for (const key of Object.keys(fields)) {
      const value = fields[key as keyof DialectFields];
      if (value === undefined) continue;
      if (key === 'usage') merged[key] = mergeUsage(value as TokenUsage, merged[key]);
      else merged[key] ??= value;
    }
  }
  return merged;
}

function mergeUsage(right: object, left: unknown): object {
  const told = Object.entries(right).filter(([, count]) => count !== undefined);
  return Object.assign(Object.fromEntries(told), left);
}
