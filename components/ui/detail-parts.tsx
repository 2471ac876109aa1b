import type { ReactNode } from 'react';

/** One fact of a description list: its name above its value. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-faint">{name}</dt>
      <dd className="mt-0.5 break-words">{children}</dd>
    </div>
  );
}

/** One part of a pane of details. */
export function Section(props: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="border-t border-line px-4 py-4 sm:px-5">
      <h3 className="mb-2.5 text-xs font-semibold text-ink-muted">{props.title}</h3>
      {props.children}
    </section>
  );
}
