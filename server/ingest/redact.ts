import type { CanaryMatcher } from '#server/guard/contract.ts';
import type { EventDraft, Finding } from '#server/telemetry/contract.ts';

/** What redaction needs to know of the tenant. */
export interface RedactionTools {
  /** Key of the placeholders' suffixes: 32 bytes, one per tenant, never stored beside the events. */
  readonly tenantKey: Uint8Array;
  /** The tenant's canaries, compiled; null when it has registered none. */
  readonly canaries: CanaryMatcher | null;
}

/**
 * An event that may be stored: every string in it was inspected, and what must not be kept was
 * replaced. `findings` never hold a value.
 */
export interface RedactedEvent extends EventDraft {
  readonly findings: readonly Finding[];
}

/**
 * Inspects an event and replaces secrets and personal data by typed placeholders. Never throws: what
 * cannot be inspected is dropped and flagged `body_dropped`, so one bad event costs neither its batch
 * nor anybody's privacy.
 */
export function redactEvent(draft: EventDraft, tools: RedactionTools): RedactedEvent {
  // Until the detectors stand, nothing counts as inspected.
  void tools;
  return {
    ...draft,
    body: {
      input: null,
      output: null,
      error: null,
      usage: draft.body.usage,
      data: null,
      source: { trust: 'unknown', origin: null },
      attributes: {},
    },
    flags: draft.flags.includes('body_dropped') ? draft.flags : [...draft.flags, 'body_dropped'],
    findings: [],
  };
}
