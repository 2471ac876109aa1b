import type { ReactNode } from 'react';

/** One key of a shortcut. A sequence is several in a row: `<Kbd>g</Kbd><Kbd>a</Kbd>`. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded border border-line-strong/60 bg-sunken px-1 text-2xs text-ink-muted">
      {children}
    </kbd>
  );
}
