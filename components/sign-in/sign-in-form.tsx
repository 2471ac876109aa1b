'use client';

import { useRef, useState, type SyntheticEvent } from 'react';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { postCredentials, type SignInOutcome } from './post-credentials.ts';

type Refusal = Extract<SignInOutcome, { isSignedIn: false }>['reason'];

const sentences: Readonly<Record<Refusal, string>> = {
  wrong: 'E-mail or password is wrong.',
  throttled: 'Too many attempts. Wait a quarter of an hour, then try again.',
  unreachable: 'Signalbox could not check that. Try again in a moment.',
};

/**
 * E-mail and password. On success the browser loads `callbackUrl` afresh, so that every server
 * component is drawn for the person who signed in.
 */
export function SignInForm({ callbackUrl }: { readonly callbackUrl: string }) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const passwordRef = useRef<HTMLInputElement>(null);

  const submit = async (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const email = data.get('email');
    const password = data.get('password');
    if (typeof email !== 'string' || typeof password !== 'string') return;
    setIsBusy(true);
    setRefusal(null);
    const outcome = await postCredentials({ email: email.trim(), password }, callbackUrl);
    if (outcome.isSignedIn) {
      location.assign(outcome.url);
      return;
    }
    setIsBusy(false);
    setRefusal(outcome.reason);
    passwordRef.current?.select();
  };

  return (
    <form method="post" className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
      {refusal === null ? null : (
        <Banner tone="danger" className="rounded border px-3">
          {sentences[refusal]}
        </Banner>
      )}
      <Field label="E-mail">
        <Input name="email" type="email" autoComplete="username" required className="h-10" />
      </Field>
      <Field label="Password">
        <Input
          ref={passwordRef}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          className="h-10"
        />
      </Field>
      <Button type="submit" look="primary" size="lg" isBusy={isBusy} className="mt-1">
        Sign in
      </Button>
    </form>
  );
}
