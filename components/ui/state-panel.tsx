import { CircleAlert, Inbox, Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface StateProps {
  readonly title: string;
  /** What it means and what to do next, in a sentence or two. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly className?: string;
}

function StatePanel({
  icon,
  role,
  ...props
}: StateProps & { readonly icon: ReactNode; readonly role?: 'alert' | 'status' }) {
  return (
    <div
      {...(role === undefined ? {} : { role })}
      className={classNames(
        'flex min-h-48 flex-1 flex-col items-center justify-center gap-1 px-6 py-10 text-center',
        props.className,
      )}
    >
      <span aria-hidden className="mb-2 text-ink-faint [&_svg]:size-5">
        {icon}
      </span>
      <p className="text-md font-medium">{props.title}</p>
      {props.children === undefined ? null : (
        <div className="max-w-prose text-sm text-pretty text-ink-muted">{props.children}</div>
      )}
      {props.action === undefined ? null : <div className="mt-3 flex gap-2">{props.action}</div>}
    </div>
  );
}

/** Nothing is here, truthfully: say why and what would bring something. `icon` defaults to a tray. */
export function EmptyState({ icon, ...props }: StateProps & { readonly icon?: ReactNode }) {
  return <StatePanel icon={icon ?? <Inbox />} {...props} />;
}

/** It could not be loaded. Offer `action` to try again; quote the request id when there is one. */
export function ErrorState({
  requestId,
  ...props
}: StateProps & { readonly requestId?: string | null }) {
  return (
    <StatePanel icon={<CircleAlert className="text-critical" />} role="alert" {...props}>
      {props.children}
      {requestId === undefined || requestId === null ? null : (
        <p className="mt-1 font-mono text-xs text-ink-faint">{requestId}</p>
      )}
    </StatePanel>
  );
}

/** The person may not see this. Name the right that is missing and who can give it. */
export function DeniedState(props: StateProps) {
  return <StatePanel icon={<Lock />} {...props} />;
}
