import type { ReactNode } from 'react';

/** What a section of the settings is about, and what can be done in it. */
export function SectionHead(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <header className="flex flex-wrap items-end gap-x-6 gap-y-3 border-b border-line px-4 py-4">
      <div className="min-w-60 flex-1">
        <h2 className="text-md font-semibold">{props.title}</h2>
        <p className="mt-0.5 max-w-prose text-sm text-pretty text-ink-muted">{props.children}</p>
      </div>
      {props.actions === undefined ? null : (
        <div className="flex flex-wrap gap-2">{props.actions}</div>
      )}
    </header>
  );
}
