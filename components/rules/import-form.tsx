'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ImportedRule } from '#server/detection/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Input, Textarea } from '../ui/input.tsx';

const outcomes: Readonly<
  Record<ImportedRule['outcome'], { readonly word: string; readonly tone: BadgeTone }>
> = {
  created: { word: 'new draft', tone: 'ok' },
  proposed: { word: 'change waits', tone: 'accent' },
  unchanged: { word: 'as it was', tone: 'neutral' },
  refused: { word: 'refused', tone: 'danger' },
};

function ImportedList({ rules }: { readonly rules: readonly ImportedRule[] }) {
  return (
    <ul
      aria-label="What became of each rule"
      className="flex max-h-72 flex-col gap-2 overflow-y-auto"
    >
      {rules.map((rule) => (
        <li key={rule.line} className="text-xs">
          <span className="flex flex-wrap items-center gap-2">
            <Badge tone={outcomes[rule.outcome].tone}>{outcomes[rule.outcome].word}</Badge>
            <span className="font-medium">{rule.name ?? 'without a name'}</span>
            <span className="text-ink-faint">from line {rule.line}</span>
          </span>
          {rule.needs.map((need) => (
            <p key={need} className="mt-0.5 pl-1 text-medium">
              Before it can be approved: {need}
            </p>
          ))}
          {rule.problems.map((problem, index) => (
            <p key={index} className="mt-0.5 pl-1 text-critical">
              {problem.line === null ? null : `Line ${problem.line}: `}
              {problem.message}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** Takes over a pack of rules, from a file or pasted: all of them as drafts, each answered for itself. */
export function ImportForm(props: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const run = useMutation(
    trpc.rules.importPack.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.rules.pathKey() }),
    }),
  );
  const done = run.data?.items;
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      title="Import rules"
      description="Sigma documents in YAML. They come in as drafts: none runs before it is approved."
      footer={
        <>
          <Button look="quiet" onClick={props.onClose}>
            {done === undefined ? 'Cancel' : 'Close'}
          </Button>
          {done === undefined ? (
            <Button
              look="primary"
              isBusy={run.isPending}
              disabled={text.trim() === ''}
              onClick={() => run.mutate({ text })}
            >
              Import
            </Button>
          ) : null}
        </>
      }
    >
      {done === undefined ? (
        <div className="flex flex-col gap-4">
          <Field label="File">
            <Input
              type="file"
              accept=".yml,.yaml,.txt"
              className="py-1"
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file !== undefined) void file.text().then(setText);
              }}
            />
          </Field>
          <Field label="Text" error={run.isError ? readProblem(run.error).sentence : null}>
            <Textarea
              value={text}
              rows={10}
              spellCheck={false}
              className="font-mono text-xs"
              onChange={(event) => setText(event.target.value)}
            />
          </Field>
        </div>
      ) : (
        <ImportedList rules={done} />
      )}
    </Dialog>
  );
}
