'use client';

import { useQuery } from '@tanstack/react-query';
import type { SignInRow } from '#server/auth/contract.ts';
import { SectionHead } from '../settings/section-head.tsx';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { ErrorState } from '../ui/state-panel.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { ChangePasswordForm } from './change-password-form.tsx';
import { describeBrowser } from './describe-browser.ts';
import { useEndSignIn } from './use-end-sign-in.ts';

/** One's own account: where one is signed in, and the password. */
export function AccountScreen(props: { readonly email: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.signIns.list.queryOptions());
  return (
    <section aria-label="Your account" className="flex flex-col">
      <SectionHead title="Where you are signed in">
        {props.email}. A sign-in ends after two idle hours, after twelve hours in any case, and at
        once when you end it here.
      </SectionHead>
      {query.isPending ? <SkeletonRows count={3} label="Loading your sign-ins" /> : null}
      {query.isError ? (
        <ErrorState
          title="Your sign-ins could not be loaded"
          requestId={readProblem(query.error).requestId}
          action={<Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {readProblem(query.error).sentence}
        </ErrorState>
      ) : null}
      {query.data === undefined ? null : <SignInTable items={query.data.items} />}
      <ChangePasswordForm />
    </section>
  );
}

function SignInTable({ items }: { readonly items: readonly SignInRow[] }) {
  const end = useEndSignIn();
  return (
    <Table label="Your sign-ins, newest first">
      <thead>
        <HeadRow>
          <Head>Browser</Head>
          <Head className="max-sm:hidden">Address</Head>
          <Head className="max-sm:hidden">Signed in</Head>
          <Head>Last seen</Head>
          <Head align="end">
            <span className="sr-only">Actions</span>
          </Head>
        </HeadRow>
      </thead>
      <tbody>
        {items.map((signIn) => (
          <Row key={signIn.id}>
            <Cell>
              <span title={signIn.userAgent}>{describeBrowser(signIn.userAgent)}</span>
              {signIn.isCurrent ? (
                <Badge tone="ok" className="ml-2">
                  this one
                </Badge>
              ) : null}
            </Cell>
            <Cell className="max-sm:hidden">
              <UntrustedInline text={signIn.address} />
            </Cell>
            <Cell className="whitespace-nowrap text-ink-muted max-sm:hidden">
              <RelativeTime at={signIn.createdAt} />
            </Cell>
            <Cell className="whitespace-nowrap text-ink-muted">
              <RelativeTime at={signIn.lastSeenAt} />
            </Cell>
            <Cell align="end">
              <Button
                size="sm"
                isBusy={end.isPending && end.variables.id === signIn.id}
                onClick={() => end.mutate({ id: signIn.id })}
              >
                {signIn.isCurrent ? 'Sign out' : 'End'}
              </Button>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
