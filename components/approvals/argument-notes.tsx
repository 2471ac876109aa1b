'use client';

import { useMutation } from '@tanstack/react-query';
import { Eye, KeyRound, Link2, TriangleAlert } from 'lucide-react';
import type { OpenedArguments } from '#server/approvals/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { Link } from '../ui/link.tsx';
import { useToast } from '../ui/toast.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';

/** One masked credential: what it is, and its value once somebody asks for it, which is recorded. */
function MaskedCredential(props: {
  readonly approvalId: string;
  readonly index: number;
  readonly masked: OpenedArguments['masked'][number];
  readonly onRevealed: (index: number) => void;
}) {
  const { masked, index } = props;
  const trpc = useTRPC();
  const toast = useToast();
  const reveal = useMutation(
    trpc.approvals.reveal.mutationOptions({
      onSuccess: () => props.onRevealed(index),
      onError: (error) => toast.failed('Not revealed', readProblem(error).sentence),
    }),
  );
  return (
    <li className="flex flex-wrap items-center gap-2">
      <KeyRound aria-hidden className="size-3.5 shrink-0 text-high" />
      <span>
        {masked.type}, {masked.length} characters, fingerprint{' '}
        <code className="font-mono">{masked.fingerprint}</code>
      </span>
      {reveal.data === undefined ? (
        <Button
          size="sm"
          isBusy={reveal.isPending}
          onClick={() => reveal.mutate({ id: props.approvalId, index })}
        >
          <Eye aria-hidden />
          Reveal (recorded)
        </Button>
      ) : (
        <UntrustedInline text={reveal.data.value} charsMax={400} />
      )}
    </li>
  );
}

/** What was noticed at one argument: credentials, findings, and where its text came from. */
export function ArgumentNotes(props: {
  readonly tenant: string;
  readonly approvalId: string;
  readonly opened: OpenedArguments;
  readonly pointer: string;
  readonly onRevealed: (index: number) => void;
}) {
  const { opened, pointer } = props;
  const masked = opened.masked
    .map((one, index) => ({ one, index }))
    .filter(({ one }) => one.pointer === pointer);
  const findings = opened.findings.filter((one) => one.pointer === pointer);
  const sources = opened.provenance.filter((one) => one.pointer === pointer);
  const isUninspected = opened.uninspected.includes(pointer);
  if (masked.length + findings.length + sources.length === 0 && !isUninspected) return null;
  return (
    <ul className="mt-1.5 flex flex-col gap-1 text-xs text-ink-muted">
      {masked.map(({ one, index }) => (
        <MaskedCredential key={index} {...props} index={index} masked={one} />
      ))}
      {findings.map((finding, index) => (
        <li key={`f${index}`} className="flex items-center gap-2">
          <TriangleAlert aria-hidden className="size-3.5 shrink-0 text-high" />
          {finding.type.replaceAll('_', ' ')}: {finding.detail}
        </li>
      ))}
      {sources.map((source, index) => (
        <li key={`s${index}`} className="flex items-center gap-2">
          <Link2 aria-hidden className="size-3.5 shrink-0 text-high" />
          <span>
            Characters {source.start + 1} to {source.end} come from untrusted content:{' '}
            <Link
              href={links.trace(props.tenant, source.traceId, { event: source.eventId })}
              className="text-accent hover:underline"
            >
              {source.origin}
            </Link>
          </span>
        </li>
      ))}
      {isUninspected ? (
        <li className="flex items-center gap-2">
          <TriangleAlert aria-hidden className="size-3.5 shrink-0 text-high" />
          Too long to be inspected: nothing is known of what it hides.
        </li>
      ) : null}
    </ul>
  );
}
