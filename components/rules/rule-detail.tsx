import { CircleAlert, X } from 'lucide-react';
import type { RuleDetail } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { buttonLook } from '../ui/button-look.ts';
import { CodeBlock } from '../ui/code-block.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';
import { FilterReachList, RuleShapingList } from './filter-reach.tsx';
import { RuleCounting } from './rule-counting.tsx';
import { preparePrecision } from './prepare-precision.ts';
import { RuleStateBadge } from './rule-state-badge.tsx';

interface RuleDetailProps {
  readonly tenant: string;
  readonly rule: RuleDetail;
  /** A sentence when this person may not switch rules; null when they may. */
  readonly refusal: string | null;
  readonly isSwitching: boolean;
  readonly onSwitch: () => void;
  readonly onClose: () => void;
}

function RuleHead(props: RuleDetailProps) {
  const { rule } = props;
  return (
    <header className="sticky top-0 z-10 flex flex-col gap-3 border-b border-line bg-canvas px-4 py-3 sm:px-5">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <div className="mb-1.5 flex flex-wrap items-center gap-2">
            {rule.severity === null ? (
              <Badge>filter</Badge>
            ) : (
              <Severity level={rule.severity} isFramed />
            )}
            <RuleStateBadge state={rule.state} fault={rule.fault} />
            <Badge>{rule.isBuiltin ? 'shipped' : 'custom'}</Badge>
            {rule.proposal === null ? null : (
              <Badge tone="accent">
                {rule.proposal.state === 'shadow' ? 'change in the shadow' : 'change waits'}
              </Badge>
            )}
            <CopyableId id={rule.id} shown={`…${rule.id.slice(-8)}`} label="Copy the rule’s id" />
          </div>
          <h2 className="text-lg leading-snug font-semibold tracking-tight text-balance">
            {rule.title}
          </h2>
        </div>
        <IconButton label="Close" size="sm" onClick={props.onClose}>
          <X />
        </IconButton>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {rule.state === 'draft' ? null : (
          <Button
            look={rule.state === 'enabled' ? 'plain' : 'primary'}
            onClick={props.onSwitch}
            isBusy={props.isSwitching}
            disabledReason={props.refusal}
          >
            {rule.state === 'enabled' ? 'Switch off' : 'Switch on'}
          </Button>
        )}
        <Link
          href={links.workbench(
            props.tenant,
            rule.isBuiltin ? { copy: rule.id } : { rule: rule.id },
          )}
          className={buttonLook({ look: rule.state === 'draft' ? 'primary' : 'plain' })}
        >
          {rule.isBuiltin ? 'Copy and edit' : 'Open in the workbench'}
        </Link>
        {rule.kind === 'filter' ? null : (
          <>
            <Link
              href={links.workbench(props.tenant, { filter: rule.id })}
              className={buttonLook({ look: 'plain' })}
            >
              Filter its noise
            </Link>
            <Link
              href={links.alerts(props.tenant, { rule: rule.name, state: 'all' })}
              className="rounded px-2 text-accent hover:underline"
            >
              Its alerts
            </Link>
          </>
        )}
      </div>
    </header>
  );
}

const kindWords = {
  detection: 'one event',
  correlation: 'several events together',
  filter: 'the events of the rules that it names',
} as const;

/** How a filter and the rules that it names meet, from whichever side. */
function RuleFilters({ tenant, rule }: { readonly tenant: string; readonly rule: RuleDetail }) {
  const { reach, shaping } = rule;
  if (reach === null && shaping === null) return null;
  return (
    <section className="border-t border-line px-4 py-4 sm:px-5">
      <h3 className="mb-2 text-xs font-semibold text-ink-muted">
        {reach === null ? 'Filters that shape it' : 'What it filters'}
      </h3>
      {reach === null ? null : (
        <FilterReachList tenant={tenant} reach={reach} isEnabled={rule.state === 'enabled'} />
      )}
      {shaping === null ? null : <RuleShapingList tenant={tenant} shaping={shaping} />}
    </section>
  );
}

/** One rule in full: what it says, how it has done, and the document that runs. */
export function RuleDetailView(props: RuleDetailProps) {
  const { rule } = props;
  const precision = preparePrecision(rule.verdicts);
  return (
    <article aria-label={rule.title} className="min-h-0 flex-1 overflow-y-auto">
      <RuleHead {...props} />
      <section className="px-4 py-4 sm:px-5">
        {rule.fault === null ? null : (
          <p className="mb-3 flex items-start gap-1.5 text-critical">
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
            <span>
              {rule.state === 'enabled' ? 'It does not run: ' : 'It could not run: '}
              {rule.fault}
            </span>
          </p>
        )}
        <p className="max-w-prose text-pretty text-ink-muted">{rule.description}</p>
        <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 text-sm xl:grid-cols-3">
          <div>
            <dt className="text-xs text-ink-faint">Looks at</dt>
            <dd>{kindWords[rule.kind]}</dd>
          </div>
          {rule.kind === 'filter' ? null : (
            <div>
              <dt className="text-xs text-ink-faint">Not a false alarm</dt>
              <dd>
                {precision === null
                  ? 'no alert judged yet'
                  : `${precision.percent} % of ${formatCounted(precision.judged, 'alert')} judged`}
              </dd>
            </div>
          )}
          <div>
            <dt className="text-xs text-ink-faint">Version</dt>
            <dd>
              {rule.version}, <RelativeTime at={rule.updatedAt} />
            </dd>
          </div>
        </dl>
        <p className="mt-4 flex flex-wrap gap-1.5">
          {rule.labels.map((label) => (
            <Badge key={label}>{label}</Badge>
          ))}
        </p>
      </section>
      <RuleCounting tenant={props.tenant} rule={rule} />
      <RuleFilters tenant={props.tenant} rule={rule} />
      {rule.versions.length === 0 ? null : (
        <section className="border-t border-line px-4 py-4 sm:px-5">
          <h3 className="mb-2 text-xs font-semibold text-ink-muted">Approved versions</h3>
          <ol className="flex flex-col gap-1 text-xs text-ink-muted">
            {rule.versions.map((version) => (
              <li key={version.version}>
                <span className="font-medium text-ink">Version {version.version}</span>, written by{' '}
                {version.author}, approved by {version.approvedBy}
                {version.isAlone ? ' alone: nobody else could' : null}{' '}
                <RelativeTime at={version.approvedAt} className="text-ink-faint" />
              </li>
            ))}
          </ol>
        </section>
      )}
      {rule.falsePositives.length === 0 ? null : (
        <section className="border-t border-line px-4 py-4 sm:px-5">
          <h3 className="mb-2 text-xs font-semibold text-ink-muted">Known harmless causes</h3>
          <ul className="list-disc pl-5 text-ink-muted">
            {rule.falsePositives.map((cause) => (
              <li key={cause}>{cause}</li>
            ))}
          </ul>
        </section>
      )}
      <section className="border-t border-line px-4 py-4 sm:px-5">
        <CodeBlock code={rule.source} label="the Sigma document" caption={`${rule.name}.yml`} />
      </section>
    </article>
  );
}
