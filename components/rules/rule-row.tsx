import type { Rule } from '#server/detection/contract.ts';
import { classNames } from '../ui/class-names.ts';
import { Severity } from '../ui/severity.tsx';
import { RuleStateBadge } from './rule-state-badge.tsx';

/** Height of a row in pixels before it is measured. */
export const ruleRowHeightPx = 34;

/** One rule in one line: how bad what it finds is, what it watches, whether it runs. */
export function RuleRow({ rule }: { readonly rule: Rule }) {
  return (
    <span className="flex min-h-(--row) items-center gap-3 px-4 py-1">
      {rule.severity === null ? (
        <span className="w-20 shrink-0 text-xs text-ink-faint">Filter</span>
      ) : (
        <Severity level={rule.severity} className="w-20 shrink-0" />
      )}
      <span
        className={classNames(
          'min-w-0 flex-1 truncate',
          rule.state === 'enabled' ? 'font-medium text-ink' : 'text-ink-muted',
        )}
      >
        {rule.title}
      </span>
      <RuleStateBadge state={rule.state} fault={rule.fault} />
    </span>
  );
}
