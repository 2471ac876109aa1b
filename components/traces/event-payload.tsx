'use client';

import { useMemo } from 'react';
import type { EventDetail } from '#server/telemetry/traces/contract.ts';
import { Banner } from '../ui/banner.tsx';
import type { JsonValue } from '../ui/flatten-json.ts';
import { formatBytes } from '../ui/format-quantity.ts';
import { JsonView } from '../ui/json-view.tsx';
import { UntrustedText } from '../ui/untrusted-text.tsx';
import { FindingList } from './finding-list.tsx';
import { payloadParts, type PayloadPart } from './prepare-payload.ts';

function Part({ part }: { readonly part: PayloadPart }) {
  const label = `${part.word}, as the agent sent it, redacted`;
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="text-xs font-medium text-ink-muted">{part.word}</h3>
      <FindingList findings={part.findings} />
      {typeof part.value === 'string' ? (
        <UntrustedText text={part.value} label={label} />
      ) : (
        <JsonView value={part.value} label={label} />
      )}
    </section>
  );
}

/**
 * What an event carries, part by part, with what the guard saw in each. Everything in it is somebody
 * else's text: drawn, never run.
 */
export function EventPayload({ event }: { readonly event: EventDetail }) {
  const { body, findings } = event;
  const parts = useMemo(
    () => (body.state === 'shown' ? payloadParts(parseBody(body.text), findings) : []),
    [body, findings],
  );
  if (body.state === 'hidden') {
    return (
      <>
        <Banner tone="note" className="rounded border">
          The payload ({formatBytes(event.bodyBytes)}) is hidden for your role. An administrator can
          give you one that may read it.
        </Banner>
        <FindingList findings={findings} />
      </>
    );
  }
  if (body.state === 'erased') {
    return (
      <Banner tone="warn" className="rounded border">
        The payload was erased. The log still holds what was committed to it.
      </Banner>
    );
  }
  if (parts.length === 0) {
    return <p className="text-sm text-ink-muted">The event carries no payload.</p>;
  }
  return parts.map((part) => <Part key={part.name} part={part} />);
}

/** The stored text is ours to parse: it was written by our own encoder. */
function parseBody(text: string): Readonly<Record<string, JsonValue>> {
  return JSON.parse(text) as Readonly<Record<string, JsonValue>>;
}
