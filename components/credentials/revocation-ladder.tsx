'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CredentialDetail, Revocation } from '#server/credentials/inventory/contract.ts';
import type { RevocationStepKind } from '#server/credentials/states/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { useToast } from '../ui/toast.tsx';
import { RevocationBadge } from './credential-badges.tsx';
import { adapterWords } from './credential-words.ts';

const stepWords: Readonly<Record<RevocationStepKind, string>> = {
  requested: 'Requested',
  probed_before: 'Probe before',
  sent: 'Revocation',
  probed: 'Probe after',
  retried: 'Asked again',
};

/** Each part of a revocation with the evidence of each of its steps. */
export function RevocationLadder(props: {
  readonly credential: CredentialDetail;
  /** Why this person may not have one tried again; null when they may. */
  readonly refusal: string | null;
}) {
  const [first] = props.credential.revocations;
  return (
    <div className="flex flex-col gap-5">
      {first === undefined ? null : (
        <p className="text-sm text-ink-muted">
          Asked for by {first.requestedBy} <RelativeTime at={first.requestedAt} />: {first.reason}
        </p>
      )}
      {props.credential.revocations.map((revocation) => (
        <RevocationPart key={revocation.id} revocation={revocation} refusal={props.refusal} />
      ))}
    </div>
  );
}

function titleOf({ target, provider }: Revocation): string {
  if (target === 'leases') return 'Its leases here';
  return provider === null
    ? 'Itself, where it was made'
    : `Itself, at ${provider.name} (${adapterWords[provider.adapter]})`;
}

function RevocationPart(props: {
  readonly revocation: Revocation;
  readonly refusal: string | null;
}) {
  const { revocation } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const retry = useMutation(
    trpc.credentials.retry.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.credentials.pathKey() }),
      onError: (error) => toast.failed('Not tried again', readProblem(error).sentence),
    }),
  );
  return (
    <section aria-label={titleOf(revocation)} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h4 className="text-sm font-medium">{titleOf(revocation)}</h4>
        <RevocationBadge state={revocation.state} />
        {revocation.offlineUntil === null ? null : (
          <span className="text-xs text-ink-muted">
            where somebody asks; else unverifiable until{' '}
            <Instant at={revocation.offlineUntil} part="second" />
          </span>
        )}
        {revocation.mayRetry ? (
          <Button
            size="sm"
            disabledReason={props.refusal}
            isBusy={retry.isPending}
            onClick={() => retry.mutate({ id: revocation.id })}
          >
            Try again
          </Button>
        ) : null}
      </div>
      <p className="text-sm text-pretty text-ink-muted">
        {revocation.says} <LastValid revocation={revocation} />
      </p>
      <Table label={`Steps of ${titleOf(revocation)}`} className="rounded border border-line">
        <thead>
          <HeadRow>
            <Head>Step</Head>
            <Head>State then</Head>
            <Head>Evidence</Head>
            <Head align="end">At</Head>
          </HeadRow>
        </thead>
        <tbody>
          {revocation.steps.map((step) => (
            <Row key={`${step.at} ${step.step}`}>
              <Cell className="align-top whitespace-nowrap">{stepWords[step.step]}</Cell>
              <Cell className="align-top">
                <RevocationBadge state={step.state} />
              </Cell>
              <Cell className="min-w-52 align-top text-xs text-pretty text-ink-muted">
                {step.says}
                {step.host === null ? null : (
                  <span className="block font-mono text-2xs">
                    {step.host}
                    {step.status === null ? '' : `, HTTP ${step.status}`}
                  </span>
                )}
              </Cell>
              <Cell align="end" className="align-top text-xs whitespace-nowrap">
                <Instant at={step.at} part="second" />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

/** Of what nobody can prove dead: until when it may live. */
function LastValid({ revocation }: { readonly revocation: Revocation }) {
  if (revocation.state !== 'unverifiable' && revocation.state !== 'external') return null;
  if (revocation.lastValidAt === null) return <>It may be valid for ever.</>;
  return (
    <>
      It may be valid until <Instant at={revocation.lastValidAt} part="second" />.
    </>
  );
}
