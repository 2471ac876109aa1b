'use client';

import { Toast } from '@base-ui/react/toast';
import { Check, CircleAlert, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { classNames } from './class-names.ts';
import { buttonLook } from './button-look.ts';
import type { AskedToast } from './toast.tsx';

/** Draws what was asked for, each once. Loaded with the first toast. */
export function ToastOutlet({ asked }: { readonly asked: readonly AskedToast[] }) {
  return (
    <Toast.Provider limit={3} timeout={6000}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(22rem,calc(100vw-2rem))] flex-col gap-2 max-sm:bottom-18">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
      <AskedToasts asked={asked} />
    </Toast.Provider>
  );
}

/** Hands new toasts over to the library, which owns their time and place. */
function AskedToasts({ asked }: { readonly asked: readonly AskedToast[] }) {
  const { add, close } = Toast.useToastManager();
  const shownUpTo = useRef(0);
  useEffect(() => {
    for (const { number, tone, title, detail, action } of asked) {
      if (number <= shownUpTo.current) continue;
      shownUpTo.current = number;
      const id = `asked-${number}`;
      add({
        id,
        title,
        description: detail,
        type: tone,
        ...(action === undefined
          ? {}
          : {
              // Long enough to notice a slip, read the button and reach it.
              timeout: 12_000,
              actionProps: {
                children: action.label,
                onClick: () => {
                  close(id);
                  action.onPress();
                },
              },
            }),
        ...(tone === 'failed' ? { priority: 'high', timeout: 0 } : {}),
      });
    }
  }, [asked, add, close]);
  return null;
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      data-toast=""
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
        <Toast.Action className={classNames(buttonLook({ size: 'sm' }), 'empty:hidden')} />
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
