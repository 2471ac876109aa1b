'use client';

import { Biohazard } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { Alert } from '#server/detection/contract.ts';
import type { TraceFact } from '#server/telemetry/traces/contract.ts';
import { Badge } from '../ui/badge.tsx';
import { Banner } from '../ui/banner.tsx';
import { formatCount, formatCounted, formatDuration } from '../ui/format-quantity.ts';
import { Stat } from '../ui/stat.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { AlertLinks } from './alert-links.tsx';
import { ControlAtMoment } from './control-view.tsx';
import { foldControlState } from './prepare-control.ts';
import { foldTraceState, type TraceState } from './prepare-trace-state.ts';
import type { TraceTree } from './prepare-trace-tree.ts';
import type { TraceControl } from './use-trace-control.ts';

function Part(props: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="text-xs font-medium text-ink-muted">{props.title}</h3>
      {props.children}
    </section>
  );
}

function Nothing({ children }: { readonly children: ReactNode }) {
  return <p className="text-sm text-ink-faint">{children}</p>;
}

/** A press on an event's name chooses it. */
function EventLink(props: {
  readonly tree: TraceTree;
  readonly id: string;
  readonly onSelect: (id: string) => void;
}) {
  const event = props.tree.byId.get(props.id)?.event;
  return (
    <button
      type="button"
      onClick={() => props.onSelect(props.id)}
      className="max-w-full rounded text-left text-accent hover:underline"
    >
      <UntrustedInline text={event?.name ?? props.id} charsMax={60} />
    </button>
  );
}

function Taint(props: {
  readonly state: TraceState;
  readonly tree: TraceTree;
  readonly onSelect: (id: string) => void;
}) {
  const { taint, untrustedEvents } = props.state;
  if (taint === null) {
    return <Nothing>No content marked as untrusted had come in.</Nothing>;
  }
  return (
    <div className="flex items-start gap-2 rounded border border-foreign/45 bg-foreign/8 px-3 py-2 text-sm">
      <Biohazard aria-hidden className="mt-0.5 size-4 shrink-0 text-foreign" />
      <span className="min-w-0">
        The agent had seen untrusted content, first from{' '}
        <EventLink tree={props.tree} id={taint.eventId} onSelect={props.onSelect} />
        {taint.origin === null ? null : (
          <>
            {' '}
            (<UntrustedInline text={taint.origin} charsMax={80} />)
          </>
        )}
        ; {formatCounted(untrustedEvents, 'event')} brought some.
      </span>
    </div>
  );
}

function Tools({ tools }: Pick<TraceState, 'tools'>) {
  if (tools.length === 0) return <Nothing>None was called.</Nothing>;
  return (
    <Table label="Tools used" className="rounded border border-line">
      <thead>
        <HeadRow>
          <Head>Tool</Head>
          <Head>Effect</Head>
          <Head align="end">Calls</Head>
          <Head align="end">Failed</Head>
        </HeadRow>
      </thead>
      <tbody>
        {tools.map((tool) => (
          <Row key={tool.name}>
            <Cell>
              <UntrustedInline text={tool.name} charsMax={60} />
            </Cell>
            <Cell>
              {tool.effect === null ? (
                <Badge tone="warn">unknown tool</Badge>
              ) : (
                <Badge tone={tool.effect === 'read' ? 'neutral' : 'accent'}>{tool.effect}</Badge>
              )}
            </Cell>
            <Cell align="end">{formatCount(tool.calls)}</Cell>
            <Cell align="end">{tool.errors === 0 ? '–' : formatCount(tool.errors)}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Data({ data }: Pick<TraceState, 'data'>) {
  if (data.length === 0) return <Nothing>No event had told of data touched.</Nothing>;
  return (
    <Table label="Data touched" className="rounded border border-line">
      <thead>
        <HeadRow>
          <Head>Resource</Head>
          <Head>Classes</Head>
          <Head align="end">People</Head>
          <Head align="end">Rows</Head>
        </HeadRow>
      </thead>
      <tbody>
        {data.map((touch) => (
          <Row key={touch.resource}>
            <Cell>
              {touch.resource === '' ? (
                'unnamed'
              ) : (
                <UntrustedInline text={touch.resource} charsMax={80} />
              )}
            </Cell>
            <Cell>
              {touch.classes.length === 0 ? (
                '–'
              ) : (
                <UntrustedInline text={touch.classes.join(', ')} charsMax={80} />
              )}
            </Cell>
            <Cell align="end">
              {touch.isMore ? 'over ' : ''}
              {formatCount(touch.subjects)}
            </Cell>
            <Cell align="end">{formatCount(touch.rows)}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** More than this many calls in flight are counted, not named. */
const inFlightShown = 20;

/** What was the case at one moment, by the events up to then alone. */
export function StateView(props: {
  readonly tenant: string;
  readonly tree: TraceTree;
  readonly facts: ReadonlyMap<string, TraceFact>;
  readonly alerts: readonly Alert[];
  /** Null: at the end. */
  readonly atUs: number | null;
  /** Why data, tokens and origins are missing; null when they are not. */
  readonly missing: string | null;
  readonly control: TraceControl;
  /** Of the events and of what was decided on them. */
  readonly endUs: number;
  readonly onSelect: (id: string) => void;
}) {
  const { tree, facts, alerts, onSelect } = props;
  const { control } = props;
  const atUs = props.atUs ?? props.endUs;
  const state = useMemo(
    () => foldTraceState(tree.nodes, facts, alerts, atUs),
    [tree, facts, alerts, atUs],
  );
  const decided = useMemo(
    () => foldControlState(control.actions, control.stops, atUs),
    [control, atUs],
  );
  const open = alerts.filter((alert) => state.alertIds.includes(alert.id));
  return (
    <article className="flex flex-col gap-4 p-4">
      <h2 className="text-md font-semibold">
        {props.atUs === null
          ? 'At the end of the trace'
          : `After ${formatDuration((atUs - tree.startUs) / 1000)}`}
      </h2>
      {props.missing === null ? null : (
        <Banner tone="note" className="rounded border">
          {props.missing}
        </Banner>
      )}
      <div className="-mx-4 grid grid-cols-4 border-y border-line max-sm:grid-cols-2">
        <Stat label="Events" value={formatCount(state.events)} />
        <Stat label="Failed" value={formatCount(state.errors)} />
        <Stat label="Tokens in" value={props.missing ? '–' : formatCount(state.inputTokens)} />
        <Stat label="Tokens out" value={props.missing ? '–' : formatCount(state.outputTokens)} />
      </div>
      <Part title="Untrusted content">
        <Taint state={state} tree={tree} onSelect={onSelect} />
      </Part>
      <Part title="Alerts with evidence up to here">
        {open.length === 0 ? (
          <Nothing>None.</Nothing>
        ) : (
          <AlertLinks tenant={props.tenant} alerts={open} />
        )}
      </Part>
      <Part title="Decisions, permits and stops">
        {control.problem === null ? (
          <ControlAtMoment tenant={props.tenant} state={decided} />
        ) : (
          <Nothing>{control.problem}</Nothing>
        )}
      </Part>
      <Part title="In flight">
        {state.inFlight.length === 0 ? (
          <Nothing>Nothing was going on.</Nothing>
        ) : (
          <ul className="flex flex-wrap gap-x-3 gap-y-1 text-sm">
            {state.inFlight.slice(0, inFlightShown).map((id) => (
              <li key={id} className="min-w-0">
                <EventLink tree={tree} id={id} onSelect={onSelect} />
              </li>
            ))}
            {state.inFlight.length > inFlightShown ? (
              <li className="text-ink-faint">
                and {formatCount(state.inFlight.length - inFlightShown)} more
              </li>
            ) : null}
          </ul>
        )}
      </Part>
      <Part title="Tools used">
        <Tools tools={state.tools} />
      </Part>
      {props.missing === null ? (
        <Part title="Data touched">
          <Data data={state.data} />
        </Part>
      ) : null}
      <Part title="Agents active">
        <p className="text-sm">{state.agents.length === 0 ? '–' : state.agents.join(', ')}</p>
      </Part>
    </article>
  );
}
