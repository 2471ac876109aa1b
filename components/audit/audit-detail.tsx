'use client';

import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AuditRow } from '#server/audit/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { JsonView } from '../ui/json-view.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { actionWords, actorWords } from './action-words.ts';

interface AuditDetailProps {
  readonly rowId: string;
  readonly onClose: () => void;
  /** Narrows the list to everything about one subject. */
  readonly onSubject: (id: string) => void;
}

/** One row of the log with everything that it keeps. */
export function AuditDetail({ rowId, onClose, onSubject }: AuditDetailProps) {
  const trpc = useTRPC();
  const query = useQuery(trpc.audit.get.queryOptions({ id: rowId }));
  useShortcuts({ Escape: onClose });
  if (query.data === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the row" />;
    return <LoadFailure noun="row" query={query} onClose={onClose} />;
  }
  return <AuditRowView row={query.data} onClose={onClose} onSubject={onSubject} />;
}

function Fact(props: { readonly label: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="py-1 text-xs text-ink-faint">{props.label}</dt>
      <dd className="min-w-0 py-1 text-sm break-words">{props.children}</dd>
    </>
  );
}

/** What is not told stands in the log as `none`, and is shown as not told. */
const told = (text: string): ReactNode =>
  text === 'none' ? <span className="text-ink-faint">none</span> : text;

function AuditRowView(props: {
  readonly row: AuditRow;
  readonly onClose: () => void;
  readonly onSubject: (id: string) => void;
}) {
  const { row } = props;
  const actor = actorWords[row.actorType];
  return (
    <article aria-label="Row of the log" className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <header className="flex items-start gap-3 border-b border-line px-4 py-3">
        <h2 className="min-w-0 flex-1 text-md font-semibold break-words">
          {row.actorLabel} {actionWords[row.action]}
        </h2>
        <IconButton label="Close" size="sm" onClick={props.onClose}>
          <X aria-hidden />
        </IconButton>
      </header>
      <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-4 px-4 py-3">
        <Fact label="At">
          <Instant at={row.at} part="full" />
        </Fact>
        <Fact label="By">
          <span className="mr-2">{row.actorLabel}</span>
          <Badge tone={actor.tone}>{actor.word}</Badge>
        </Fact>
        <Fact label="Actor id">
          <CopyableId id={row.actorId} />
        </Fact>
        <Fact label="On behalf of">{told(row.onBehalfOf)}</Fact>
        <Fact label="Action">
          <code className="text-xs">{row.action}</code>
        </Fact>
        <Fact label="Subject">
          <span className="mr-2">{row.subjectType}</span>
          <CopyableId id={row.subjectId} />
          <Button
            size="sm"
            look="quiet"
            className="max-sm:-ml-2.5 sm:ml-1"
            onClick={() => props.onSubject(row.subjectId)}
          >
            Everything about it
          </Button>
        </Fact>
        <Fact label="Decision">{told(row.decision)}</Fact>
        <Fact label="Risk">{told(row.risk)}</Fact>
        <Fact label="Cause">{told(row.cause)}</Fact>
        <Fact label="Request">
          <CopyableId id={row.requestId} />
        </Fact>
        <Fact label="Row">
          <CopyableId id={row.id} />
        </Fact>
      </dl>
      <section aria-label="Detail" className="border-t border-line px-4 py-3">
        <h3 className="mb-2 text-xs font-medium text-ink-muted">Detail</h3>
        <JsonView label="Detail" value={row.detail} />
      </section>
    </article>
  );
}
