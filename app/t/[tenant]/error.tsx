'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Button } from '#components/ui/button.tsx';
import { ErrorState } from '#components/ui/state-panel.tsx';

/** A page below the shell failed to draw. The shell stays, so every other page is one press away. */
export default function PageError(props: {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}) {
  const router = useRouter();
  const retry = () =>
    startTransition(() => {
      router.refresh();
      props.reset();
    });
  return (
    <ErrorState
      title="This page could not be drawn"
      requestId={props.error.digest ?? null}
      action={<Button onClick={retry}>Try again</Button>}
    >
      Something failed on our side. Nothing was changed by it.
    </ErrorState>
  );
}
