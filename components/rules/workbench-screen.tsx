'use client';

import dynamic from 'next/dynamic';
import { type ReactNode, useState } from 'react';
import type { RuleDetail } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Button } from '../ui/button.tsx';
import { Skeleton, SkeletonRows } from '../ui/skeleton.tsx';
import { ApprovePanel } from './approve-panel.tsx';
import { BacktestPanel } from './backtest-panel.tsx';
import { CheckPanel } from './check-panel.tsx';
import { prepareCompletions } from './prepare-completions.ts';
import { prepareWorkbench, savedText } from './prepare-workbench.ts';
import { RuleStateBadge } from './rule-state-badge.tsx';
import { ShadowPanel } from './shadow-panel.tsx';
import { useRuleCheck } from './use-rule-check.ts';
import { useWorkbench } from './use-workbench.ts';

// The editor is the largest part of the page: it comes apart from it, and only here.
const CodeEditor = dynamic(
  () => import('../ui/code-editor.tsx').then((parts) => parts.CodeEditor),
  { ssr: false, loading: () => <Skeleton className="m-3 h-40" /> },
);

const noProblems: readonly never[] = [];

function Step(props: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="border-b border-line px-4 py-4 last:border-b-0">
      <h2 className="mb-2.5 text-xs font-semibold text-ink-muted">{props.title}</h2>
      {props.children}
    </section>
  );
}

interface WorkbenchProps {
  readonly tenant: string;
  readonly ruleId: string | null;
  /** The text to begin with where no rule is named. */
  readonly initial: string;
  /** Why this person may not write rules; null when they may. */
  readonly writeRefusal: string | null;
}

type Verbs = ReturnType<typeof useWorkbench>;

/** The steps from a text to a rule that alerts, in their order, beside the text. */
function Workbench(
  props: WorkbenchProps & {
    readonly rule: RuleDetail | null;
    readonly verbs: Verbs;
    /** The editor has to begin anew, with the text that runs. */
    readonly onDiscarded: () => void;
  },
) {
  const { rule, verbs, tenant } = props;
  const saved = savedText(rule);
  // The editor keeps its text and its cursor while what is saved moves on beneath it.
  const [initial] = useState(saved ?? props.initial);
  const [text, setText] = useState(initial);
  const { check, isCurrent } = useRuleCheck(text, props.writeRefusal === null);
  const refusals = prepareWorkbench({
    writeRefusal: props.writeRefusal,
    rule,
    text,
    check,
    isCurrent,
  });
  const proposal = rule?.proposal ?? null;
  // A filter fires over nothing: it is seen in the rules that it shapes.
  const isFilter = (check?.rule?.kind ?? rule?.kind) === 'filter';
  const save = () => {
    if (rule === null) verbs.create.mutate({ source: text });
    else
      verbs.propose.mutate({
        id: rule.id,
        source: text,
        basedOn: proposal?.version ?? rule.version,
      });
  };
  const version = (run: (what: { id: string; version: number }) => void) => () => {
    if (rule !== null && proposal !== null) run({ id: rule.id, version: proposal.version });
  };
  const { vocabulary } = verbs;
  return (
    <PageFrame
      title={rule?.title ?? (isFilter ? 'New filter' : 'New rule')}
      isFlush
      breadcrumbs={[{ label: 'Rules', href: links.rules(tenant) }]}
      actions={
        <>
          {rule === null ? null : <RuleStateBadge state={rule.state} fault={rule.fault} />}
          <Button
            look="primary"
            disabledReason={refusals.save}
            isBusy={verbs.create.isPending || verbs.propose.isPending}
            onClick={save}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,3fr)_minmax(20rem,2fr)] max-lg:block max-lg:overflow-y-auto">
        <div className="min-h-0 border-r border-line max-lg:h-96 max-lg:border-r-0 max-lg:border-b">
          <CodeEditor
            label="Rule"
            initial={initial}
            onChange={setText}
            problems={isCurrent ? (check?.problems ?? noProblems) : noProblems}
            complete={(lines) =>
              vocabulary === undefined ? null : prepareCompletions(lines, vocabulary)
            }
            isReadOnly={props.writeRefusal !== null}
          />
        </div>
        <div className="min-h-0 overflow-y-auto max-lg:overflow-visible">
          <Step title={isFilter ? 'What it filters' : 'Tests'}>
            {props.writeRefusal === null ? (
              <CheckPanel tenant={tenant} check={check} isCurrent={isCurrent} />
            ) : (
              <p className="text-xs text-ink-muted">{props.writeRefusal}</p>
            )}
          </Step>
          {isFilter ? null : (
            <>
              <Step title="Backtest">
                <BacktestPanel
                  tenant={tenant}
                  ruleId={rule?.id ?? null}
                  source={text}
                  refusal={refusals.backtest}
                />
              </Step>
              <Step title="Shadow">
                <ShadowPanel
                  tenant={tenant}
                  rule={rule}
                  refusal={refusals.shadow}
                  isBusy={verbs.shadow.isPending}
                  onSwitch={(isOn) => version((what) => verbs.shadow.mutate({ ...what, isOn }))()}
                />
              </Step>
            </>
          )}
          <Step title="Approval">
            <ApprovePanel
              rule={rule}
              refusal={refusals.approve}
              isBusy={verbs.approve.isPending}
              onApprove={version((what) => verbs.approve.mutate(what))}
              onDiscard={version((what) =>
                verbs.discard.mutate(what, { onSuccess: props.onDiscarded }),
              )}
            />
          </Step>
        </div>
      </div>
    </PageFrame>
  );
}

/** The workbench over one rule, or over a text that is none yet. */
export function WorkbenchScreen(props: WorkbenchProps) {
  const verbs = useWorkbench(props.tenant, props.ruleId);
  const [round, setRound] = useState(0);
  const { data, isPending, error, refetch } = verbs.rule;
  const shared = { ...props, verbs, onDiscarded: () => setRound(round + 1) };
  if (props.ruleId === null) return <Workbench {...shared} rule={null} key="new" />;
  if (data !== undefined) {
    return <Workbench {...shared} rule={data} key={`${data.id} ${round}`} />;
  }
  if (isPending) return <SkeletonRows count={10} label="Loading the rule" />;
  return <LoadFailure noun="rule" query={{ error, refetch }} />;
}
