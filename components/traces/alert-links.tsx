import { ShieldAlert } from 'lucide-react';
import type { Alert } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Link } from '../ui/link.tsx';
import { Severity } from '../ui/severity.tsx';

/** Alerts that stand on something, each leading to its page. */
export function AlertLinks(props: { readonly tenant: string; readonly alerts: readonly Alert[] }) {
  return (
    <ul className="flex flex-col gap-1">
      {props.alerts.map((alert) => (
        <li key={alert.id}>
          <Link
            href={links.alert(props.tenant, alert.id)}
            className="flex items-center gap-2 rounded border border-line px-2 py-1.5 text-xs hover:bg-ink/4"
          >
            <ShieldAlert aria-hidden className="size-3.5 shrink-0 text-critical" />
            <Severity level={alert.severity} />
            <span className="min-w-0 flex-1 truncate">{alert.title}</span>
            <span className="text-ink-faint">{alert.state}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
