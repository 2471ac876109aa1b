'use client';

import { useQuery } from '@tanstack/react-query';
import { MousePointerClick, X } from 'lucide-react';
import type { Drill } from '#server/containment/drills/contract.ts';
import { drillMeasures } from '#server/containment/drills/states/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Fact } from '../ui/detail-parts.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Link } from '../ui/link.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { DrillStateBadge } from './drill-state-badge.tsx';
import { formatTook, measureWords } from './drill-words.ts';

/** A running drill is asked for again this often, in milliseconds. */
const refetchMs = 2_000;

const linkLook = 'rounded font-medium underline underline-offset-2';

const leaseSentence = (count: number | null): string => {
  if (count === null) return 'not looked at yet';
  return count === 0 ? 'none was live' : formatCounted(count, 'lease');
};

function Facts({ tenant, drill }: { readonly tenant: string; readonly drill: Drill }) {
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 px-4 py-4 text-sm sm:px-5 xl:grid-cols-3">
      <Fact name="Started">
        <Instant at={drill.startedAt} part="second" />
      </Fact>
      <Fact name="By">
        {drill.startedBy}
        {drill.trigger === 'schedule' ? ', as planned' : ''}
      </Fact>
      <Fact name="The stop">
        {drill.isHandsOn ? 'left to people' : 'placed by the drill as soon as the alert is there'}
      </Fact>
      <Fact name="Alert">
        {drill.alertId === null ? (
          <span className="text-ink-faint">none so far</span>
        ) : (
          <Link href={links.alerts(tenant, { alert: drill.alertId })} className={linkLook}>
            Open the alert
          </Link>
        )}
      </Fact>
      <Fact name="Stop">
        {drill.stopId === null ? (
          <span className="text-ink-faint">none so far</span>
        ) : (
          <>
            <Link href={links.stop(tenant, drill.stopId)} className={linkLook}>
              Open the stop
            </Link>{' '}
            by {drill.stoppedBy}
          </>
        )}
      </Fact>
      <Fact name="Leases ended">{leaseSentence(drill.leasesEnded)}</Fact>
      <Fact name="Credential">
        {drill.credential === null ? (
          <span className="text-ink-faint">none was chosen</span>
        ) : (
          <>
            <Link href={links.credential(tenant, drill.credential.id)} className={linkLook}>
              {drill.credential.name}
            </Link>
            {`: ${drill.credential.says ?? 'nobody has revoked it.'}`}
          </>
        )}
      </Fact>
      <Fact name="Id">
        <CopyableId id={drill.id} shown={`…${drill.id.slice(-8)}`} />
      </Fact>
    </dl>
  );
}

function Measures({ drill }: { readonly drill: Drill }) {
  return (
    <div className="px-4 sm:px-5">
      <Table label="What it took" className="rounded border border-line">
        <thead>
          <HeadRow>
            <Head>Measure</Head>
            <Head align="end">Took</Head>
            <Head>From what to what</Head>
          </HeadRow>
        </thead>
        <tbody>
          {drillMeasures.map((name) => {
            const took = drill.measures[name];
            const words = measureWords[name];
            return (
              <Row key={name}>
                <Cell className="font-medium">{words.label}</Cell>
                <Cell align="end" className="whitespace-nowrap">
                  {formatTook(took)}
                </Cell>
                <Cell className="text-xs text-ink-muted">
                  {took === null
                    ? `${drill.ended === null ? 'So far ' : ''}${words.missing}.`
                    : words.spans}
                </Cell>
              </Row>
            );
          })}
        </tbody>
      </Table>
    </div>
  );
}

function OpenDrill(props: {
  readonly tenant: string;
  readonly drillId: string;
  readonly onClose: () => void;
}) {
  const { onClose } = props;
  const trpc = useTRPC();
  const query = useQuery(
    trpc.drills.get.queryOptions(
      { id: props.drillId },
      { refetchInterval: ({ state }) => (state.data?.ended ? false : refetchMs) },
    ),
  );
  useShortcuts({ Escape: onClose });
  const drill = query.data;
  if (drill === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the drill" />;
    return <LoadFailure noun="drill" query={query} onClose={onClose} />;
  }
  return (
    <article aria-label="Drill" className="min-h-0 flex-1 overflow-y-auto pb-4">
      <header className="sticky top-0 z-10 flex items-start gap-3 border-b border-line bg-canvas px-4 py-3 sm:px-5">
        <div className="min-w-0 flex-1">
          <DrillStateBadge drill={drill} />
          <h2 className="mt-1.5 text-lg leading-snug font-semibold tracking-tight break-words">
            Drill on {drill.agent.slug}
          </h2>
        </div>
        <IconButton label="Close" size="sm" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      {drill.ended === null && drill.stopId !== null ? (
        <p className="mx-4 mt-4 rounded border border-medium/45 bg-medium/10 px-3 py-2 text-sm sm:mx-5">
          It ends when a person lifts the stop:{' '}
          <Link href={links.stop(props.tenant, drill.stopId)} className={linkLook}>
            lift it on its page
          </Link>
          . Nothing that was stopped starts again by itself.
        </p>
      ) : null}
      <Facts tenant={props.tenant} drill={drill} />
      <Measures drill={drill} />
    </article>
  );
}

/** The report of the open drill, or a word on how to open one. */
export function DrillPane(props: {
  readonly tenant: string;
  readonly drillId: string | null;
  readonly onClose: () => void;
}) {
  if (props.drillId === null) {
    return (
      <EmptyState icon={<MousePointerClick />} title="No drill chosen">
        The report of the one that you choose on the left is shown here.
      </EmptyState>
    );
  }
  return <OpenDrill {...props} drillId={props.drillId} key={props.drillId} />;
}
