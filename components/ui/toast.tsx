'use client';

import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  use,
  useCallback,
  useMemo,
  useState,
} from 'react';

type ToastTone = 'done' | 'failed';

/** A toast that was asked for, numbered in the order of asking. */
export interface AskedToast {
  readonly number: number;
  readonly tone: ToastTone;
  readonly title: string;
  readonly detail: string | undefined;
  readonly action: ToastAction | undefined;
}

/** One thing that can be done about what was said; pressing it closes the toast. */
export interface ToastAction {
  readonly label: string;
  readonly onPress: () => void;
}

type Ask = (tone: ToastTone, title: string, detail?: string, action?: ToastAction) => void;
type Tell = (title: string, detail?: string, action?: ToastAction) => void;

const AskContext = createContext<Ask>(() => undefined);
const ToastOutlet = lazy(() =>
  import('./toast-outlet.tsx').then((parts) => ({ default: parts.ToastOutlet })),
);

/**
 * Mounted once by `UiProvider`. At most three toasts show; F6 reaches them by keyboard. The code
 * that draws them comes with the first one.
 */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [asked, setAsked] = useState<readonly AskedToast[]>([]);
  const ask = useCallback<Ask>((tone, title, detail, action) => {
    setAsked((before) => {
      const number = (before.at(-1)?.number ?? 0) + 1;
      // The outlet has shown all but the last few; it remembers by number which.
      return [...before.slice(-asksKept), { number, tone, title, detail, action }];
    });
  }, []);
  return (
    <AskContext value={ask}>
      {children}
      {asked.length === 0 ? null : (
        <Suspense>
          <ToastOutlet asked={asked} />
        </Suspense>
      )}
    </AskContext>
  );
}

const asksKept = 20;

/**
 * Says that something the person asked for happened (`done`) or did not (`failed`, which stays until
 * it is dismissed and is announced at once). Never the only trace of an outcome.
 * `const toast = useToast(); toast.done('Key revoked')`
 */
export function useToast(): Readonly<Record<ToastTone, Tell>> {
  const ask = use(AskContext);
  return useMemo(
    () => ({
      done: (title, detail, action) => ask('done', title, detail, action),
      failed: (title, detail, action) => ask('failed', title, detail, action),
    }),
    [ask],
  );
}
