'use client';

import { useQuery } from '@tanstack/react-query';
import { LockOpen, X } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { ApprovalDetail, OpenedArguments } from '#server/approvals/contract.ts';
import { CopyableId } from '../ui/copy-button.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { NothingChosen } from '../ui/nothing-chosen.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import {
  AgentWords,
  Aftermath,
  BlastRadius,
  Edits,
  MinuteBefore,
  Precedent,
  Votes,
  WhoAsks,
} from './approval-context.tsx';
import { Section } from '../ui/detail-parts.tsx';
import { ArgumentTable } from './argument-table.tsx';
import type { Verdict } from './decide-form.tsx';
import { useApprovalActions } from './use-approval-actions.ts';
import { useArming } from './use-arming.ts';
import { type Opened, useOpenedArguments } from './use-opened-arguments.ts';
import { VerdictStrip, WhyAsked } from './verdict-strip.tsx';

const DecideForm = dynamic(() => import('./decide-form.tsx').then((module) => module.DecideForm), {
  loading: () => null,
});
const EditForm = dynamic(() => import('./edit-form.tsx').then((module) => module.EditForm), {
  loading: () => null,
});
const AskForm = dynamic(() => import('./ask-form.tsx').then((module) => module.AskForm), {
  loading: () => null,
});

export interface ApprovalPaneProps {
  readonly tenant: string;
  readonly approvalId: string;
  readonly reasonCharsMax: number;
  readonly questionCharsMax: number;
  readonly onClose: () => void;
  /** Called after a verdict: the next request should be opened. */
  readonly onDone: () => void;
}

/** Why Approve may not be pressed now; null when it may. Denying needs no reading. */
function approveRefusal(detail: ApprovalDetail, opened: Opened): string | null {
  if (detail.refusal !== null) return detail.refusal.sentence;
  if (opened.opened === null) return 'Open the arguments first.';
  if (opened.opened.digest !== detail.digest) return 'The request changed; open it again.';
  if (opened.unviewed > 0) return `${opened.unviewed} parts of the arguments are not yet viewed.`;
  return opened.isEndSeen ? null : 'Scroll to the end of the arguments first.';
}

/** Why Edit may not be pressed now; it approves, so it asks for the same reading. */
function editRefusal(detail: ApprovalDetail, opened: Opened): string | null {
  if (detail.planHash !== null) return 'It was decided with a plan; deny it with the reason.';
  return approveRefusal(detail, opened);
}

const comparisonOf = ({ asAsked, lastApproved }: OpenedArguments) =>
  asAsked !== null
    ? 'Edited; compared with what the agent asked for.'
    : lastApproved === null
      ? 'No approved call of this tool to compare with.'
      : 'Compared with the last approved call of this tool.';

function Arguments(props: {
  readonly tenant: string;
  readonly detail: ApprovalDetail;
  readonly opened: Opened;
}) {
  const { detail, opened } = props;
  const found = opened.opened;
  if (found === null) {
    return (
      <div className="flex flex-col items-start gap-2">
        <p className="max-w-prose text-ink-muted">
          {opened.isOutdated
            ? 'The arguments were edited since you opened them; open them again.'
            : 'Sealed until somebody who may decide opens them. Each opening is recorded.'}
        </p>
        <Button
          onClick={opened.open}
          isBusy={opened.isOpening}
          disabledReason={
            detail.refusal !== null &&
            detail.refusal.code !== 'closed' &&
            detail.refusal.code !== 'voted'
              ? detail.refusal.sentence
              : null
          }
        >
          <LockOpen aria-hidden />
          Open the arguments <Kbd>o</Kbd>
        </Button>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <p className="text-xs text-ink-muted">
        Drawn from the exact bytes that a permit would bind
        {found.boundFields === null ? '.' : `: ${found.boundFields.join(', ')} only.`}{' '}
        {comparisonOf(found)}
      </p>
      {found.isProvenanceWhole ? null : (
        <p className="text-xs text-high">
          No trace was named, or not all of what it had read could be looked through: an argument
          without a mark may come from untrusted content, too.
        </p>
      )}
      <ArgumentTable
        tenant={props.tenant}
        approvalId={detail.id}
        opened={found}
        rows={opened.rows}
        removed={opened.removed}
        onViewed={opened.onViewed}
        onAllRows={opened.onAllRows}
        onEndSeen={opened.onEndSeen}
        onRevealed={opened.onRevealed}
      />
      <p className="text-xs break-all text-ink-faint">
        Digest <CopyableId id={found.digest} label="Copy the digest" />
      </p>
    </div>
  );
}

function DecideBar(props: {
  readonly detail: ApprovalDetail;
  readonly opened: Opened;
  readonly onVerdict: (verdict: Verdict) => void;
  readonly onAsk: () => void;
  readonly onEdit: () => void;
}) {
  const { detail, opened } = props;
  const isArmed = useArming(
    [detail.id, detail.state, detail.approvals, opened.opened === null, opened.unviewed].join(' '),
  );
  const arming = isArmed ? null : 'Just a moment: what is shown has just changed.';
  const refusal = detail.refusal?.sentence ?? null;
  return (
    <section
      aria-label="Decision"
      className="sticky bottom-0 z-10 flex flex-wrap items-center gap-2 border-t border-line bg-canvas px-4 py-3 sm:px-5"
    >
      <p className="basis-full text-xs text-ink-muted">
        {approveRefusal(detail, opened) ??
          'Approve once gives one permit for exactly this, to be used once.'}
      </p>
      <Button
        look="danger"
        disabledReason={refusal ?? arming}
        onClick={() => props.onVerdict('deny')}
      >
        Deny… <Kbd>d</Kbd>
      </Button>
      <Button disabledReason={refusal} onClick={props.onAsk}>
        Ask… <Kbd>c</Kbd>
      </Button>
      <Button disabledReason={editRefusal(detail, opened)} onClick={props.onEdit}>
        Edit… <Kbd>e</Kbd>
      </Button>
      <span className="flex-1" />
      <Button
        look="primary"
        disabledReason={approveRefusal(detail, opened) ?? arming}
        onClick={() => props.onVerdict('approve')}
      >
        Approve once… <Kbd>a</Kbd>
      </Button>
    </section>
  );
}

function OpenApproval(props: ApprovalPaneProps) {
  const { approvalId } = props;
  const trpc = useTRPC();
  const query = useQuery(trpc.approvals.get.queryOptions({ id: approvalId }));
  const opened = useOpenedArguments(approvalId, query.data?.digest ?? null);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  /** What is being edited: it stays, and says so, when the request becomes another meanwhile. */
  const [edited, setEdited] = useState<OpenedArguments | null>(null);
  const { vote, ask, edit } = useApprovalActions(() => {
    setVerdict(null);
    setEdited(null);
    props.onDone();
  });
  const detail = query.data;
  useShortcuts({
    a: () => {
      if (detail !== undefined && approveRefusal(detail, opened) === null) setVerdict('approve');
    },
    d: () => {
      if (detail?.refusal === null) setVerdict('deny');
    },
    c: () => {
      if (detail?.refusal === null) setIsAsking(true);
    },
    e: () => {
      if (detail !== undefined && editRefusal(detail, opened) === null) setEdited(opened.opened);
    },
    o: () => {
      if (opened.opened === null && !opened.isOpening) opened.open();
    },
    Escape: props.onClose,
  });
  if (detail === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the request" />;
    return <LoadFailure noun="request" query={query} onClose={props.onClose} />;
  }
  const skewMs = Date.parse(detail.at) - query.dataUpdatedAt;
  return (
    <>
      <ApprovalArticle {...props} detail={detail} opened={opened} skewMs={skewMs} />
      <DecideBar
        detail={detail}
        opened={opened}
        onVerdict={setVerdict}
        onAsk={() => setIsAsking(true)}
        onEdit={() => setEdited(opened.opened)}
      />
      {verdict === null ? null : (
        <DecideForm
          detail={detail}
          verdict={verdict}
          masked={opened.masked}
          reasonCharsMax={props.reasonCharsMax}
          isBusy={vote.isPending}
          onClose={() => setVerdict(null)}
          onDecide={(reason, password) =>
            vote.mutate({ id: detail.id, verdict, reason, password, digest: detail.digest })
          }
        />
      )}
      {edited !== null ? (
        <EditForm
          detail={detail}
          opened={edited}
          reasonCharsMax={props.reasonCharsMax}
          isBusy={edit.isPending}
          onClose={() => setEdited(null)}
          onEdit={(made) => edit.mutate({ id: detail.id, digest: detail.digest, ...made })}
        />
      ) : null}
      {isAsking ? (
        <AskForm
          charsMax={props.questionCharsMax}
          isBusy={ask.isPending}
          onClose={() => setIsAsking(false)}
          onAsk={(text) => {
            ask.mutate({ id: detail.id, text });
            setIsAsking(false);
          }}
        />
      ) : null}
    </>
  );
}

/** Everything a reviewer needs, in the order in which it is needed. */
function ApprovalArticle(props: {
  readonly tenant: string;
  readonly detail: ApprovalDetail;
  readonly opened: Opened;
  readonly skewMs: number;
  readonly onClose: () => void;
}) {
  const { detail, opened } = props;
  return (
    <article
      aria-label={`Request ${detail.fingerprint}`}
      // Long arguments are read by keyboard too.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="min-h-0 flex-1 overflow-y-auto pb-4 -outline-offset-2"
    >
      <header className="flex items-start gap-3 px-4 py-3 sm:px-5">
        <div className="min-w-0 flex-1">
          <VerdictStrip detail={detail} opened={opened.opened} skewMs={props.skewMs} />
          {detail.refusal === null ? null : (
            <p className="mt-3 text-sm text-ink-muted">{detail.refusal.sentence}</p>
          )}
        </div>
        <IconButton label="Close" size="sm" onClick={props.onClose}>
          <X />
        </IconButton>
      </header>
      <Section title="Why you are asked">
        <WhyAsked tenant={props.tenant} detail={detail} />
      </Section>
      <Section title="Who asks">
        <WhoAsks {...props} />
      </Section>
      <Section title="The action, every argument">
        <Arguments {...props} />
      </Section>
      {opened.opened === null ? null : (
        <Section title="Whom and what it reaches">
          <BlastRadius opened={opened.opened} />
        </Section>
      )}
      <Section title="The minute before">
        <MinuteBefore {...props} />
      </Section>
      <Section title="Earlier decisions of this kind">
        <Precedent {...props} />
      </Section>
      <Section title="The agent’s own words">
        <AgentWords {...props} />
      </Section>
      {detail.edits.length === 0 ? null : (
        <Section title="Edits">
          <Edits {...props} />
        </Section>
      )}
      <Section title="Votes">
        <Votes {...props} />
      </Section>
      {detail.state === 'pending' || detail.state === 'frozen' ? null : (
        <Section title="What followed">
          <Aftermath {...props} />
        </Section>
      )}
    </article>
  );
}

/** The right side of the queue: the open request, or a word on how to open one. */
export function ApprovalPane(
  props: Omit<ApprovalPaneProps, 'approvalId'> & { readonly approvalId: string | null },
) {
  const { approvalId } = props;
  if (approvalId === null) {
    return <NothingChosen noun="request" />;
  }
  return <OpenApproval {...props} approvalId={approvalId} key={approvalId} />;
}
