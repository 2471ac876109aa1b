import type { ReactNode } from 'react';
import type { AlertCanary } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { disguiseWords, plantedWords } from '../canaries/canary-words.ts';
import { Badge } from '../ui/badge.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { Link } from '../ui/link.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-xs text-ink-faint">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

type Planted = Extract<AlertCanary['planted'], { state: 'shown' }>;

function PlantedLines({ planted }: { readonly planted: Planted }) {
  const { document, form, homes } = planted;
  return (
    <>
      <Line name="Planted as">
        {form === null ? 'a text that was registered by hand' : plantedWords[form]}
      </Line>
      <Line name="Minted for">
        {document === null ? 'no document named' : <UntrustedInline text={document} />}
      </Line>
      <Line name="At home in">
        {homes.length === 0 ? 'nowhere: any sight of it is a leak' : homes.join(', ')}
      </Line>
      <Line name="Since">
        <Instant at={planted.createdAt} part="full" />
      </Line>
    </>
  );
}

const untold: Readonly<Record<Exclude<AlertCanary['planted']['state'], 'shown'>, string>> = {
  withheld: 'What it is and where it was planted is not for your role to see.',
  unknown: 'This tenant has no record of such a canary.',
};

function Seen({ tenant, canary }: { readonly tenant: string; readonly canary: AlertCanary }) {
  const { id, planted, disguises, fields } = canary;
  return (
    <li className="rounded border border-line px-3 py-2.5">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
        {planted.state === 'shown' ? (
          <Link
            href={links.settings(tenant, 'canaries')}
            className="min-w-0 font-medium break-words hover:underline"
          >
            {planted.name}
          </Link>
        ) : (
          <span className="font-medium">A registered canary</span>
        )}
        {planted.state === 'shown' && planted.removedAt !== null ? (
          <Badge tone="warn">
            removed <Instant at={planted.removedAt} part="minute" />
          </Badge>
        ) : null}
        <CopyableId id={id} shown={`…${id.slice(-8)}`} label="Copy the canary’s id" />
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
        <Line name="Seen">
          {disguises.length === 0
            ? 'in a form that was not noted'
            : disguises.map((disguise) => disguiseWords[disguise]).join('; ')}
        </Line>
        <Line name="In the event’s">
          {fields.map((field) => (
            <UntrustedInline key={field} text={field} charsMax={60} />
          ))}
        </Line>
        {planted.state === 'shown' ? <PlantedLines planted={planted} /> : null}
      </dl>
      {planted.state === 'shown' ? null : (
        <p className="mt-2 text-xs text-ink-muted">{untold[planted.state]}</p>
      )}
    </li>
  );
}

/** Which planted texts the evidence holds, and so what has leaked: the source of the alert. */
export function AlertCanaries(props: {
  readonly tenant: string;
  readonly canaries: readonly AlertCanary[];
}) {
  return (
    <section aria-label="What leaked" className="border-t border-line px-4 py-4 sm:px-5">
      <h3 className="mb-2.5 text-xs font-semibold text-ink-muted">What leaked</h3>
      <ul className="flex flex-col gap-2">
        {props.canaries.map((canary) => (
          <Seen key={canary.id} tenant={props.tenant} canary={canary} />
        ))}
      </ul>
    </section>
  );
}
