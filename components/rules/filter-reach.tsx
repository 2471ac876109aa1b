import { CircleAlert } from 'lucide-react';
import type { FilteredTests, FilterReach, RuleShaping } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { describeSilenced } from './describe-silenced.ts';

/** What filters cost a rule of its own tests; nothing where all of them still fire. */
function Silenced({ tests }: { readonly tests: FilteredTests | null }) {
  const sentence = describeSilenced(tests);
  if (sentence === null) return null;
  return (
    <span className="flex items-start gap-1.5 text-medium">
      <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      {sentence}
    </span>
  );
}

/** The rules that a filter is put on, and what it names and does not reach. */
export function FilterReachList(props: {
  readonly tenant: string;
  readonly reach: FilterReach;
  /** It filters now; otherwise this is what it would do. */
  readonly isEnabled: boolean;
}) {
  const { shapes, unfound } = props.reach;
  const verb = props.isEnabled ? 'is' : 'would be';
  return (
    <div className="flex flex-col gap-3 text-xs">
      <p className="font-medium">
        {shapes.length === 0
          ? `It ${verb} put on no rule that runs.`
          : `It ${verb} put on ${formatCounted(shapes.length, 'rule')} that ${shapes.length === 1 ? 'runs' : 'run'}.`}
      </p>
      {shapes.length === 0 ? null : (
        <ul aria-label="Rules that it shapes" className="flex flex-col gap-1">
          {shapes.map((rule) => (
            <li key={rule.id}>
              <Link
                href={links.rule(props.tenant, rule.id)}
                className="text-accent hover:underline"
              >
                {rule.title}
              </Link>
              {rule.isShadow ? <span className="text-ink-faint"> in the shadow</span> : null}
              {rule.parts.length === 1 && rule.parts[0] === rule.name ? null : (
                <span className="text-ink-faint">
                  {' '}
                  in its {rule.parts.length === 1 ? 'part' : 'parts'} {rule.parts.join(', ')}
                </span>
              )}
              <Silenced tests={rule.tests} />
            </li>
          ))}
        </ul>
      )}
      {unfound.length === 0 ? null : (
        <ul aria-label="Names that reach no rule" className="flex flex-col gap-1 text-medium">
          {unfound.map(({ name, reason }) => (
            <li key={name} className="flex items-start gap-1.5">
              <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              <span>
                <code>{name}</code>: {reason}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The filters that are put on a rule, and what its conditions come to with them. */
export function RuleShapingList(props: { readonly tenant: string; readonly shaping: RuleShaping }) {
  const { filters, conditions, tests } = props.shaping;
  return (
    <div className="flex flex-col gap-3 text-xs">
      <ul aria-label="Filters that shape it" className="flex flex-col gap-1">
        {filters.map((filter) => (
          <li key={filter.id}>
            <Link
              href={links.rule(props.tenant, filter.id)}
              className="text-accent hover:underline"
            >
              {filter.title}
            </Link>
          </li>
        ))}
      </ul>
      <Silenced tests={tests} />
      <dl className="flex flex-col gap-1">
        {conditions.map(({ part, condition }) => (
          <div key={part}>
            <dt className="text-ink-faint">Condition of {part}</dt>
            <dd>
              <code className="break-words">{condition}</code>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
