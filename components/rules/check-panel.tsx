import { Check, CircleAlert, Lightbulb, ShieldBan, X } from 'lucide-react';
import type { RuleCheck } from '#server/detection/contract.ts';
import { Badge } from '../ui/badge.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { Severity } from '../ui/severity.tsx';
import { FilterReachList } from './filter-reach.tsx';

const spanWords = {
  detection: 'over one event',
  correlation: 'over several events',
  filter: 'a filter: it opens no alerts',
} as const;
const kindWords = { hit: 'must fire', miss: 'must not fire' } as const;

/** What approving such a rule means, said where it is written and where it is approved. */
const responseWords = {
  stop: 'It stops the agent by itself when it opens an alert, at most a few times an hour. One press undoes it.',
  contain:
    'It stops and locks the agent by itself when it opens an alert, and holds evidence, at most a few times an hour. Cutting credentials waits for a person.',
} as const;

/** The tests of the document, one line each, as they came out in the server. */
function TestList({ tests }: { readonly tests: RuleCheck['tests'] }) {
  return (
    <ul aria-label="Tests" className="flex flex-col gap-1">
      {tests.map((test) => (
        <li key={`${test.kind} ${test.index}`} className="flex items-start gap-2 text-xs">
          {test.isPassed ? (
            <Check aria-hidden className="mt-0.5 size-3.5 shrink-0 text-ok" />
          ) : (
            <X aria-hidden className="mt-0.5 size-3.5 shrink-0 text-critical" />
          )}
          <span className="min-w-0">
            <span className={test.isPassed ? 'text-ink-muted' : 'font-medium text-critical'}>
              {kindWords[test.kind]}
              <span className="sr-only">{test.isPassed ? ', passed' : ', failed'}</span>
            </span>{' '}
            <code className="break-all text-ink-faint">{test.summary}</code>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What is right and wrong with the text: problems with their places, then tests, then what lacks. */
export function CheckPanel(props: {
  readonly tenant: string;
  readonly check: RuleCheck | null;
  /** The check is of an earlier text; the next is under way. */
  readonly isCurrent: boolean;
}) {
  const { check } = props;
  if (check === null) return <p className="text-xs text-ink-faint">Reading the text …</p>;
  const failed = check.tests.filter((test) => !test.isPassed).length;
  return (
    <div className="flex flex-col gap-3" aria-live="polite" aria-busy={!props.isCurrent}>
      {check.rule === null ? (
        <ul aria-label="Problems" className="flex flex-col gap-1.5">
          {check.problems.map((problem, index) => (
            <li key={index} className="flex items-start gap-2 text-xs text-critical">
              <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              <span>
                {problem.line === null ? null : (
                  <span className="font-medium">Line {problem.line}: </span>
                )}
                {problem.message}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <p className="flex flex-wrap items-center gap-2 text-xs">
            {check.rule.severity === null ? null : <Severity level={check.rule.severity} />}
            <span className="text-ink-muted">{spanWords[check.rule.kind]}</span>
            {check.rule.labels.map((label) => (
              <Badge key={label}>{label}</Badge>
            ))}
          </p>
          {check.rule.response === null ? null : (
            <p className="flex items-start gap-2 text-xs text-medium">
              <ShieldBan aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              <span>{responseWords[check.rule.response]}</span>
            </p>
          )}
          {check.reach === null ? (
            <>
              <p className="text-xs font-medium">
                {check.tests.length === 0
                  ? 'No tests yet.'
                  : failed === 0
                    ? `${formatCounted(check.tests.length, 'test')} passed`
                    : `${failed} of ${formatCounted(check.tests.length, 'test')} failed`}
              </p>
              <TestList tests={check.tests} />
            </>
          ) : (
            <FilterReachList tenant={props.tenant} reach={check.reach} isEnabled={false} />
          )}
          {check.advice.length === 0 ? null : (
            <ul aria-label="Advice" className="flex flex-col gap-1 text-xs text-ink-muted">
              {check.advice.map((advice, index) => (
                <li key={index} className="flex items-start gap-2">
                  <Lightbulb aria-hidden className="mt-0.5 size-3.5 shrink-0 text-accent" />
                  <span>
                    {advice.line === null ? null : (
                      <span className="font-medium">Line {advice.line}: </span>
                    )}
                    {advice.message}
                  </span>
                </li>
              ))}
            </ul>
          )}
          {check.missing.length === 0 ? null : (
            <ul aria-label="Missing" className="flex flex-col gap-1 text-xs text-medium">
              {check.missing.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </div>
  );
}
