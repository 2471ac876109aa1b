'use client';

import { Toast } from '@base-ui/react/toast';
import { Check, CircleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { buttonLook } from './button-look.ts';

type ToastTone = 'done' | 'failed';

/** Mounted once by `UiProvider`. At most three toasts show; F6 reaches them by keyboard. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  return (
    <Toast.Provider limit={3} timeout={6000}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(22rem,calc(100vw-2rem))] flex-col gap-2 max-sm:bottom-18">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection="right"
      className="rounded border border-line-strong/50 bg-raised shadow-float transition-[opacity,translate] data-ending-style:opacity-0 data-limited:hidden data-starting-style:translate-y-2 data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-start gap-2.5 p-3">
        {toast.type === 'failed' ? (
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-critical" />
        ) : (
          <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
        )}
        <div className="min-w-0 flex-1">
          <Toast.Title className="text-sm font-medium break-words" />
          <Toast.Description className="text-xs break-words text-ink-muted" />
        </div>
        <Toast.Close
          aria-label="Dismiss"
          className={classNames(
            buttonLook({ look: 'quiet', size: 'sm' }),
            '-mt-0.5 -mr-1 w-6 px-0',
          )}
        >
          <X aria-hidden />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}

/**
 * Says that something the person asked for happened (`done`) or did not (`failed`, which stays until
 * it is dismissed and is announced at once). Never the only trace of an outcome.
 * `const toast = useToast(); toast.done('Key revoked')`
 */
export function useToast(): Readonly<Record<ToastTone, (title: string, detail?: string) => void>> {
  const manager = Toast.useToastManager();
  return {
    done: (title, detail) => void manager.add({ title, description: detail, type: 'done' }),
    failed: (title, detail) =>
      void manager.add({
        title,
        description: detail,
        type: 'failed',
        priority: 'high',
        timeout: 0,
      }),
  };
}
