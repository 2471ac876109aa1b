import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import {
  displayCookieName,
  htmlAttributes,
  parseDisplaySettings,
} from '#components/ui/display-settings.ts';
import { UiProvider } from '#components/ui/ui-provider.tsx';

export const metadata: Metadata = {
  title: { default: 'Signalbox', template: '%s · Signalbox' },
  description: 'The control room for AI agents.',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f8f9' },
    { media: '(prefers-color-scheme: dark)', color: '#0b1014' },
  ],
};

/** Theme and density come from the cookie, so the first paint is already the right one. */
export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  await connection();
  const nonce = (await headers()).get('x-nonce') ?? '';
  const display = parseDisplaySettings((await cookies()).get(displayCookieName)?.value);
  return (
    <html lang="en" {...htmlAttributes(display)}>
      <body>
        <UiProvider nonce={nonce} display={display} serverNowMs={Date.now()}>
          {children}
        </UiProvider>
      </body>
    </html>
  );
}
