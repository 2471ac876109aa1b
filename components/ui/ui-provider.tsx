'use client';

import { CSPProvider } from '@base-ui/react/csp-provider';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { createContext, use, useState, type ReactNode } from 'react';
import type { DisplaySettings } from './display-settings.ts';
import { DisplaySettingsProvider } from './display-settings-provider.tsx';
import { ToastProvider } from './toast.tsx';

const NonceContext = createContext('');

/** The nonce of this document's policy, for what brings a style sheet of its own (the code editor). */
export function useDocumentNonce(): string {
  return use(NonceContext);
}

/**
 * Everything the components of this folder need around them; mounted once, in the root layout.
 * The first nonce is kept: a later navigation brings another one, but the document's policy stays.
 */
export function UiProvider(props: {
  readonly nonce: string;
  readonly display: DisplaySettings;
  readonly serverNowMs: number;
  readonly children: ReactNode;
}) {
  const [nonce] = useState(props.nonce);
  return (
    <NonceContext value={nonce}>
      <CSPProvider nonce={nonce} disableStyleElements>
        <DisplaySettingsProvider initial={props.display} serverNowMs={props.serverNowMs}>
          <ToastProvider>
            <NuqsAdapter>{props.children}</NuqsAdapter>
          </ToastProvider>
        </DisplaySettingsProvider>
      </CSPProvider>
    </NonceContext>
  );
}
