import type { CredentialSighting } from '#server/credentials/inventory/contract.ts';
import { links } from '#server/kernel/links.ts';
import { formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { evidenceWords } from './credential-words.ts';

/** What shows a credential outside of the broker: by whom, how often, and what that leaves open. */
export function SightingList(props: {
  readonly tenant: string;
  readonly sightings: readonly CredentialSighting[];
}) {
  return (
    <ul aria-label="What was seen" className="flex flex-col divide-y divide-line">
      {props.sightings.map((sighting) => {
        const { agent, evidence, isVerified } = sighting;
        return (
          <li
            key={`${agent} ${evidence} ${isVerified}`}
            className="py-2 text-sm first:pt-0 last:pb-0"
          >
            <p className="font-medium">{evidenceWords[evidence].seen}</p>
            <p className="mt-0.5 text-ink-muted">{evidenceWords[evidence].unknown}</p>
            <p className="mt-1 flex flex-wrap gap-x-2 text-xs text-ink-muted">
              <span>
                <Link href={links.agent(props.tenant, agent)} className="hover:underline">
                  <UntrustedInline text={agent} charsMax={80} />
                </Link>
                {isVerified ? '' : ', a name that the event claims'}
              </span>
              <span>· {formatCounted(sighting.times, 'time')}</span>
              <span>
                · last <RelativeTime at={sighting.lastAt} />
              </span>
              <Evidence tenant={props.tenant} sighting={sighting} />
            </p>
          </li>
        );
      })}
    </ul>
  );
}

function Evidence(props: { readonly tenant: string; readonly sighting: CredentialSighting }) {
  const { traceId, eventId } = props.sighting;
  if (traceId === null || eventId === null) return <span>· told by the introspection door</span>;
  return (
    <span>
      ·{' '}
      <Link
        href={links.trace(props.tenant, traceId, { event: eventId })}
        className="text-accent hover:underline"
      >
        the last event
      </Link>
    </span>
  );
}
