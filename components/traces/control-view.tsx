import { OctagonX } from 'lucide-react';
import { links } from '#server/kernel/links.ts';
import { ScopeName } from '../stops/scope-name.tsx';
import { Badge, type BadgeTone } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import type { ControlState, PermitAt } from './prepare-control.ts';

const stateTones: Readonly<Record<string, BadgeTone>> = {
  allowed: 'accent',
  approved: 'accent',
  held: 'warn',
  redeemed: 'accent',
  succeeded: 'ok',
  denied: 'danger',
  failed: 'danger',
};

const permitLooks: Readonly<Record<PermitAt, { readonly word: string; readonly tone: BadgeTone }>> =
  {
    none: { word: 'none', tone: 'neutral' },
    live: { word: 'live', tone: 'accent' },
    expired: { word: 'expired', tone: 'neutral' },
    redeemed: { word: 'redeemed', tone: 'neutral' },
    halted: { word: 'ended by a stop', tone: 'danger' },
  };

/** What Signalbox had decided, granted and stopped by one moment of a trace. */
export function ControlAtMoment(props: { readonly tenant: string; readonly state: ControlState }) {
  const { actions, stops } = props.state;
  return (
    <div className="flex flex-col gap-2">
      {stops.map(({ stop, isDraining }) => (
        <p
          key={stop.id}
          className="flex items-start gap-2 rounded border border-critical/45 bg-critical/10 px-3 py-2 text-sm"
        >
          <OctagonX aria-hidden className="mt-0.5 size-4 shrink-0 text-critical" />
          <span className="min-w-0">
            {isDraining ? 'A stop was requested, not confirmed yet: ' : 'A stop was in force: '}
            <Link href={links.stop(props.tenant, stop.id)} className="hover:underline">
              <ScopeName scope={stop.scope} />
            </Link>
            , by {stop.placedBy}.
          </span>
        </p>
      ))}
      {actions.length === 0 ? (
        <p className="text-sm text-ink-faint">Nothing had been asked for.</p>
      ) : (
        <Table label="Actions decided" className="rounded border border-line">
          <thead>
            <HeadRow>
              <Head>Action</Head>
              <Head>State</Head>
              <Head>Permit</Head>
            </HeadRow>
          </thead>
          <tbody>
            {actions.map(({ action, state, permit }) => (
              <Row key={action.id}>
                <Cell>
                  <UntrustedInline text={action.tool} charsMax={60} />
                </Cell>
                <Cell>
                  <Badge tone={stateTones[state] ?? 'neutral'}>{state.replaceAll('_', ' ')}</Badge>
                </Cell>
                <Cell>
                  <Badge tone={permitLooks[permit].tone}>{permitLooks[permit].word}</Badge>
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
    </div>
  );
}
