import type { Metadata } from 'next';
import { BrandMark } from '#components/shell/brand-mark.tsx';
import { SignInForm } from '#components/sign-in/sign-in-form.tsx';

export const metadata: Metadata = { title: 'Sign in' };

/** A path of ours, or the start: an address from outside must not carry people away. */
function safePath(value: string | string[] | undefined): string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : '/';
}

export default async function LoginPage(props: {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}) {
  const { next } = await props.searchParams;
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <div className="w-full max-w-80">
        <div className="mb-8 flex items-center gap-2.5">
          <BrandMark className="size-7" />
          <div>
            <h1 className="text-lg font-semibold tracking-tight">Signalbox</h1>
            <p className="text-xs text-ink-muted">The control room for AI agents</p>
          </div>
        </div>
        <SignInForm callbackUrl={safePath(next)} />
      </div>
    </main>
  );
}
