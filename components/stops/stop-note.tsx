'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Textarea } from '../ui/input.tsx';

const noteCharsMax = 500;

/** What somebody wants to say of a stop in their own words, once it is placed. */
export function StopNote({ stopId }: { readonly stopId: string }) {
  const trpc = useTRPC();
  const [text, setText] = useState('');
  const note = useMutation(trpc.stops.note.mutationOptions({ onSuccess: () => setText('') }));
  return (
    <form
      className="flex flex-col items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') note.mutate({ id: stopId, text: text.trim() });
      }}
    >
      <Field
        label="Say more"
        hint="Kept in the audit log beside the stop."
        error={note.isError ? readProblem(note.error).sentence : null}
        className="w-full"
      >
        <Textarea
          value={text}
          maxLength={noteCharsMax}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <span className="flex items-center gap-3">
        <Button type="submit" size="sm" isBusy={note.isPending}>
          Keep the note
        </Button>
        <output className="text-xs text-ink-muted">{note.isSuccess ? 'Kept.' : ''}</output>
      </span>
    </form>
  );
}
