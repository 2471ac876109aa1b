'use client';

import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import { agentSlugPattern } from '#server/agents/states/contract.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { connectParsers } from './connect-url.ts';
import { FirstEvent } from './first-event.tsx';
import {
  connectWays,
  type ConnectWay,
  type SnippetFor,
  snippetsOf,
  wayHints,
  wayWords,
} from './prepare-snippets.ts';

/** What stands in a snippet before there is a key: it says what to do, and works nowhere. */
const noKey = 'MAKE_A_KEY_ABOVE';

interface Issued {
  readonly agent: string;
  readonly key: string;
  /** Our clock, just before the key was made. */
  readonly since: string;
}

/** Names the agent and makes a key of its own, which is shown in the snippets and never again. */
function KeyForm(props: {
  readonly refusal: string | null;
  readonly issued: Issued | null;
  readonly onIssued: (issued: Issued) => void;
}) {
  const trpc = useTRPC();
  const [slug, setSlug] = useState('');
  const [error, setError] = useState<string | null>(null);
  const issue = useMutation(
    trpc.keys.issue.mutationOptions({
      onError: (failure) => setError(readProblem(failure).sentence),
    }),
  );
  const make = async () => {
    const agent = slug.trim();
    if (!agentSlugPattern.test(agent)) {
      setError('Use small letters, digits, dots, dashes and slashes, a letter or digit first.');
      return;
    }
    setError(null);
    const since = new Date(Date.now() - clockSlackMs).toISOString();
    const { key } = await issue.mutateAsync({ kind: 'agent', name: `connect ${agent}`, agent });
    props.onIssued({ agent, key, since });
  };
  return (
    <form
      className="flex flex-wrap items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void make().catch(() => undefined);
      }}
    >
      <Field
        label="What is the agent called?"
        hint="Its name in every list and rule. A new name registers a new agent."
        error={error}
        className="w-80 max-sm:w-full"
      >
        <Input
          name="agent"
          value={slug}
          placeholder="billing-bot"
          autoComplete="off"
          spellCheck={false}
          maxLength={128}
          onChange={(event) => setSlug(event.target.value)}
        />
      </Field>
      <Button
        type="submit"
        look={props.issued === null ? 'primary' : 'plain'}
        isBusy={issue.isPending}
        disabledReason={props.refusal}
        className="mt-5.5"
      >
        <KeyRound aria-hidden />
        {props.issued === null ? 'Make a key' : 'Make another key'}
      </Button>
    </form>
  );
}

/** The browser's clock may be a little ahead of the server's. */
const clockSlackMs = 5000;

function Pieces(props: { readonly way: ConnectWay; readonly of: SnippetFor }) {
  return (
    <div className="flex flex-col gap-3 py-4">
      <p className="text-sm text-ink-muted">{wayHints[props.way]}</p>
      {snippetsOf(props.way, props.of).map((piece) => (
        <CodeBlock
          key={piece.caption}
          code={piece.code}
          label={`${wayWords[props.way]}, ${piece.caption.split(':')[0] ?? ''}`}
          caption={piece.caption}
        />
      ))}
    </div>
  );
}

/**
 * Connects an agent in three steps: name it and make a key, paste a snippet, see its first event.
 * @param url the public address, as agents reach it
 */
export function ConnectScreen(props: {
  readonly tenant: string;
  readonly url: string;
  /** Why this person may not make keys; null when they may. */
  readonly refusal: string | null;
}) {
  const [{ way }, setUrl] = useQueryStates(connectParsers);
  const [issued, setIssued] = useState<Issued | null>(null);
  const of: SnippetFor = {
    url: props.url,
    key: issued?.key ?? noKey,
    agent: issued?.agent ?? 'billing-bot',
  };
  return (
    <PageFrame title="Connect an agent">
      <div className="flex w-full max-w-4xl flex-col gap-6">
        <section aria-labelledby="step-key" className="flex flex-col gap-3">
          <h2 id="step-key" className="text-md font-semibold">
            1. Name it and make its key
          </h2>
          <KeyForm refusal={props.refusal} issued={issued} onIssued={setIssued} />
          {issued === null ? null : (
            <Banner tone="warn" className="rounded border">
              The key stands in the snippets below and is not shown again. Whoever has it can report
              as {issued.agent}, and nothing else.
            </Banner>
          )}
        </section>
        <section aria-labelledby="step-paste" className="flex flex-col gap-2">
          <h2 id="step-paste" className="text-md font-semibold">
            2. Paste this where the agent runs
          </h2>
          <Tabs
            label="Ways to connect"
            value={way}
            onChange={(next) => void setUrl({ way: next })}
            items={connectWays.map((one) => ({
              value: one,
              label: wayWords[one],
              panel: <Pieces way={one} of={of} />,
            }))}
          />
        </section>
        <section aria-labelledby="step-see" className="flex flex-col gap-3">
          <h2 id="step-see" className="text-md font-semibold">
            3. See its first event
          </h2>
          {issued === null ? (
            <p className="text-sm text-ink-faint">Make a key first.</p>
          ) : (
            <FirstEvent
              key={issued.key}
              tenant={props.tenant}
              agent={issued.agent}
              since={issued.since}
            />
          )}
        </section>
      </div>
    </PageFrame>
  );
}
