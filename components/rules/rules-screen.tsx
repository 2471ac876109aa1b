'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { links } from '#server/kernel/links.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { readProblem } from '../trpc/read-problem.ts';
import { buttonLook } from '../ui/button-look.ts';
import { DataList } from '../ui/data-list.tsx';
import { Link } from '../ui/link.tsx';
import { NothingChosen } from '../ui/nothing-chosen.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { useToast } from '../ui/toast.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { PackMenu } from './pack-menu.tsx';
import { findRules } from './prepare-rule-search.ts';
import { RuleDetailView } from './rule-detail.tsx';
import { RuleRow, ruleRowHeightPx } from './rule-row.tsx';
import { ruleUrlParsers } from './rule-url.ts';

interface RulesScreenProps {
  readonly tenant: string;
  /** Why this person may not switch rules; null when they may. */
  readonly refusal: string | null;
  /** Whether this person may write rules. */
  readonly mayWrite: boolean;
}

/** Switching a rule; what is shown afterwards is what the server says. */
function useRuleSwitch() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const options = {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.rules.pathKey() }),
    onError: (error: unknown) => toast.failed('Not switched', readProblem(error).sentence),
  };
  const enable = useMutation(trpc.rules.enable.mutationOptions(options));
  const disable = useMutation(trpc.rules.disable.mutationOptions(options));
  return { enable, disable, isSwitching: enable.isPending || disable.isPending };
}

function RuleList(
  props: RulesScreenProps & {
    readonly openId: string | null;
    /** Words that every rule must have. */
    readonly words: string;
    readonly onOpen: (id: string) => void;
  },
) {
  const trpc = useTRPC();
  const query = useQuery(trpc.rules.list.queryOptions());
  if (query.data === undefined) {
    if (query.isPending) return <SkeletonRows count={10} label="Loading the rules" />;
    return <LoadFailure noun="rules" query={query} />;
  }
  const found = findRules(query.data.items, props.words);
  if (found.length === 0) {
    return <EmptyState title="No rule has these words">Look for others, or clear them.</EmptyState>;
  }
  return (
    <DataList
      label="Rules"
      items={found}
      keyOf={(rule) => rule.id}
      hrefOf={(rule) => links.rule(props.tenant, rule.id)}
      onOpen={(rule) => props.onOpen(rule.id)}
      renderRow={(rule) => <RuleRow rule={rule} />}
      openKey={props.openId}
      rowHeightPx={ruleRowHeightPx}
      className="min-h-0 flex-1"
    />
  );
}

function OpenRule(props: RulesScreenProps & { readonly id: string; readonly onClose: () => void }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.rules.get.queryOptions({ id: props.id }));
  const { enable, disable, isSwitching } = useRuleSwitch();
  useShortcuts({ Escape: props.onClose });
  const rule = query.data;
  if (rule === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the rule" />;
    return <LoadFailure noun="rule" query={query} onClose={props.onClose} />;
  }
  return (
    <RuleDetailView
      tenant={props.tenant}
      rule={rule}
      refusal={props.refusal}
      isSwitching={isSwitching}
      onSwitch={() => (rule.state === 'enabled' ? disable : enable).mutate({ id: rule.id })}
      onClose={props.onClose}
    />
  );
}

/** The rules that watch this tenant: list left, the open one right, which one in the URL. */
export function RulesScreen(props: RulesScreenProps) {
  const [{ rule: openId, q: words }, setState] = useQueryStates(ruleUrlParsers);
  const open = (id: string | null) => void setState({ rule: id }, { history: 'push' });
  return (
    <PageFrame
      title="Rules"
      isFlush
      actions={
        <>
          <PackMenu mayWrite={props.mayWrite} />
          <Link href={links.workbench(props.tenant)} className={buttonLook({ size: 'sm' })}>
            <Plus aria-hidden />
            New rule
          </Link>
        </>
      }
    >
      <SplitPane
        id="rules"
        isDetailOpen={openId !== null}
        listPercent={46}
        list={
          <section aria-label="Rules" className="flex min-h-0 flex-1 flex-col">
            <div className="border-b border-line px-3 py-2">
              <SearchBox
                label="Look for rules"
                placeholder="Title, name or label"
                value={words}
                onSearch={(q) => void setState({ q })}
              />
            </div>
            <RuleList {...props} openId={openId} words={words} onOpen={open} />
          </section>
        }
        detail={
          openId === null ? (
            <NothingChosen noun="rule" />
          ) : (
            <OpenRule {...props} id={openId} onClose={() => open(null)} key={openId} />
          )
        }
      />
    </PageFrame>
  );
}
