import { CircleAlert } from 'lucide-react';
import type { RuleDetail } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Link } from '../ui/link.tsx';

const stateWords: Readonly<Record<RuleDetail['state'], string>> = {
  draft: ' not approved yet',
  enabled: '',
  disabled: ' switched off, and counted all the same',
};

/** How a rule and those of other sources count one another; nothing where they do not. */
export function RuleCounting(props: { readonly tenant: string; readonly rule: RuleDetail }) {
  const { counts, countedBy } = props.rule;
  if (counts.length === 0 && countedBy.length === 0) return null;
  const link = ({ id, title }: { readonly id: string; readonly title: string }) => (
    <Link href={links.rule(props.tenant, id)} className="text-accent hover:underline">
      {title}
    </Link>
  );
  return (
    <section className="flex flex-col gap-3 border-t border-line px-4 py-4 text-xs sm:px-5">
      {counts.length === 0 ? null : (
        <div>
          <h3 className="mb-2 font-semibold text-ink-muted">
            Rules of other sources that it counts
          </h3>
          <ul aria-label="Rules that it counts" className="flex flex-col gap-1">
            {counts.map(({ name, rule, fault }) => (
              <li key={name}>
                {rule === null ? <code>{name}</code> : link(rule)}
                {rule === null ? null : (
                  <span className="text-ink-faint">
                    {' '}
                    as <code>{name}</code>
                    {stateWords[rule.state]}
                  </span>
                )}
                {fault === null ? null : (
                  <span className="flex items-start gap-1.5 text-medium">
                    <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
                    {fault}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      {countedBy.length === 0 ? null : (
        <div>
          <h3 className="mb-2 font-semibold text-ink-muted">Counted by rules of other sources</h3>
          <ul aria-label="Rules that count it" className="flex flex-col gap-1">
            {countedBy.map((rule) => (
              <li key={rule.id}>
                {link(rule)}
                {rule.state === 'disabled' ? (
                  <span className="text-ink-faint"> switched off</span>
                ) : null}
              </li>
            ))}
          </ul>
          <p className="mt-1.5 text-ink-faint">
            Switched off, this rule opens no alerts of its own, and they go on counting it.
          </p>
        </div>
      )}
    </section>
  );
}
