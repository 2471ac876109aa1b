'use client';

import {
  Biohazard,
  ChevronRight,
  CircleAlert,
  ShieldAlert,
  ScanSearch,
  Unlink,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from '../ui/class-names.ts';
import { formatCount, formatDuration } from '../ui/format-quantity.ts';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { KindIcon, kindLooks } from './kind-looks.tsx';
import { isError, type TraceNode } from './prepare-trace-tree.ts';
import { placeBar, type TimeWindow } from './prepare-waterfall.ts';

/** Height of a row in pixels; the same for every row, so that ten thousand need no measuring. */
export const waterfallRowHeightPx = 28;
/** Deeper rows are not moved further in: the tree says its depth by `aria-level`. */
const indentDepthMax = 18;
const indentPx = 12;

/** What had not begun yet: names stay readable, colour goes. */
const aheadLook =
  'text-ink-faint grayscale [&_bdi]:bg-transparent [&_bdi]:text-ink-faint [&_svg]:opacity-50 [&_[data-bar]]:opacity-35';

/** A mark with its word for screen readers and on hover. */
function Mark(props: {
  readonly word: string;
  readonly className: string;
  readonly children: ReactNode;
}) {
  return (
    <span title={props.word} className={classNames('inline-flex shrink-0', props.className)}>
      {props.children}
      <span className="sr-only">{props.word}</span>
    </span>
  );
}

function RowMarks({ node, alerts }: { readonly node: TraceNode; readonly alerts: number }) {
  const { event } = node;
  return (
    <span className="ml-auto flex shrink-0 items-center gap-1 pl-1 [&_svg]:size-3.5">
      {node.isOrphan ? (
        <Mark word="its parent was never received" className="text-ink-faint">
          <Unlink aria-hidden />
        </Mark>
      ) : null}
      {event.trust === 'untrusted' ? (
        <Mark word="untrusted content" className="text-foreign">
          <Biohazard aria-hidden />
        </Mark>
      ) : null}
      {event.findings.length === 0 ? null : (
        <Mark
          word={`findings: ${event.findings.join(', ').replaceAll('_', ' ')}`}
          className="text-high"
        >
          <ScanSearch aria-hidden />
        </Mark>
      )}
      {isError(event) ? (
        <Mark word="failed" className="text-critical">
          <CircleAlert aria-hidden />
        </Mark>
      ) : null}
      {alerts === 0 ? null : (
        <Mark word="evidence of an alert" className="text-critical">
          <ShieldAlert aria-hidden />
        </Mark>
      )}
    </span>
  );
}

function RowBar({ node, window }: { readonly node: TraceNode; readonly window: TimeWindow }) {
  const bar = placeBar(window, node.event.startedAtUs, node.endedAtUs);
  if (bar === null) return null;
  const isTick = node.endedAtUs === null;
  const isFlipped = bar.leftPercent + bar.widthPercent > 82;
  return (
    <>
      <span
        data-bar
        className={classNames(
          'absolute top-1/2 h-2.5 -translate-y-1/2 rounded-[2px]',
          isError(node.event) ? 'bg-critical-fill' : kindLooks[node.event.kind].barClass,
        )}
        style={{
          left: `${bar.leftPercent}%`,
          width: isTick ? '2px' : `max(2px, ${bar.widthPercent}%)`,
        }}
      />
      {isTick ? null : (
        <span
          className="absolute top-1/2 -translate-y-1/2 px-1.5 text-2xs whitespace-nowrap text-ink-faint tabular-nums"
          style={
            isFlipped
              ? { right: `${100 - bar.leftPercent}%` }
              : { left: `${bar.leftPercent + bar.widthPercent}%` }
          }
        >
          {formatDuration(((node.endedAtUs ?? 0) - node.event.startedAtUs) / 1000)}
        </span>
      )}
    </>
  );
}

/** One event: its place in the tree on the left, its time on the right. */
export function WaterfallRow(props: {
  readonly node: TraceNode;
  readonly window: TimeWindow;
  readonly isClosed: boolean;
  /** Whether it had not begun at the moment of playback. */
  readonly isAhead: boolean;
  readonly alerts: number;
  /** Named where it is another agent than that of the row's parent. */
  readonly showsAgent: boolean;
  readonly onToggle: () => void;
}) {
  const { node } = props;
  const { event } = node;
  const hasChildren = node.children.length > 0;
  return (
    <span className={classNames('flex h-full items-center', props.isAhead && aheadLook)}>
      <span
        className="flex h-full w-[44%] min-w-44 shrink-0 items-center gap-1.5 border-r border-line pr-2 max-sm:w-[64%]"
        style={{ paddingLeft: `${Math.min(node.depth, indentDepthMax) * indentPx + 8}px` }}
      >
        {hasChildren ? (
          <button
            type="button"
            tabIndex={-1}
            aria-label={props.isClosed ? 'Open what is below' : 'Close what is below'}
            onClick={(click) => {
              click.stopPropagation();
              props.onToggle();
            }}
            className="flex size-4 shrink-0 items-center justify-center rounded hover:bg-ink/8"
          >
            <ChevronRight
              aria-hidden
              className={classNames('size-3 text-ink-faint', !props.isClosed && 'rotate-90')}
            />
          </button>
        ) : (
          <span className="w-4 shrink-0" />
        )}
        <KindIcon kind={event.kind} />
        <span className="min-w-0 truncate text-xs">
          {event.name === null ? (
            kindLooks[event.kind].word
          ) : (
            <UntrustedInline text={event.name} charsMax={60} className="break-normal" />
          )}
        </span>
        {event.phase === null ? null : (
          <span className="shrink-0 text-2xs text-ink-faint">{event.phase}</span>
        )}
        {event.revision === 0 ? null : (
          <span className="shrink-0 text-2xs text-ink-faint">rev {event.revision}</span>
        )}
        {props.showsAgent ? (
          <span className="min-w-0 shrink-2 truncate text-2xs text-ink-faint">{event.agent}</span>
        ) : null}
        {props.isClosed && hasChildren ? (
          <span className="shrink-0 rounded bg-ink/8 px-1 text-2xs text-ink-muted tabular-nums">
            +{formatCount(descendantsOf(node))}
            {node.errorsBelow === 0 ? null : (
              <span className="text-critical"> {formatCount(node.errorsBelow)} failed</span>
            )}
          </span>
        ) : null}
        <RowMarks node={node} alerts={props.alerts} />
      </span>
      <span className="relative h-full min-w-0 flex-1 overflow-clip">
        <RowBar node={node} window={props.window} />
      </span>
    </span>
  );
}

/** How many events stand below a node; walked only for closed rows that are drawn. */
function descendantsOf(node: TraceNode): number {
  let count = 0;
  const stack = [...node.children];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    count += 1;
    stack.push(...next.children);
  }
  return count;
}
