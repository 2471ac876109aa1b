'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Credential, RevocationPreview } from '#server/credentials/inventory/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Field } from '../ui/field.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { Input } from '../ui/input.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useToast } from '../ui/toast.tsx';
import { adapterWords } from './credential-words.ts';

/** Says what a revocation reaches, asks for the reason, and begins it. */
export function RevokeForm(props: {
  readonly credential: Credential;
  readonly reasonCharsMax: number;
  readonly onClose: () => void;
}) {
  const { credential, onClose } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [reason, setReason] = useState('');
  const [isAsked, setIsAsked] = useState(false);
  const preview = useQuery(trpc.credentials.preview.queryOptions({ id: credential.id }));
  const revoke = useMutation(
    trpc.credentials.revoke.mutationOptions({
      onSuccess: async (answer) => {
        toast.done(`${formatCounted(answer.credentials, 'credential')} being revoked`);
        onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.credentials.pathKey() });
      },
    }),
  );
  const isMissing = reason.trim() === '';
  return (
    <FormDialog
      title="Revoke the credential"
      description={credential.name}
      deed="Revoke"
      look="danger"
      isOpen
      onOpenChange={onClose}
      isBusy={revoke.isPending}
      error={revoke.error}
      onSubmit={() => {
        setIsAsked(true);
        if (!isMissing) revoke.mutate({ id: credential.id, reason });
      }}
    >
      {preview.data === undefined ? (
        preview.isPending ? (
          <SkeletonRows count={2} label="Counting what it reaches" />
        ) : (
          <p role="alert" className="text-sm text-critical">
            What it reaches could not be counted: {readProblem(preview.error).sentence}
          </p>
        )
      ) : (
        <PreviewList preview={preview.data} />
      )}
      <p className="text-sm text-ink-muted">
        Nothing is issued of them from then on, and no lease is live. This cannot be undone.
      </p>
      <Field label="Reason" error={isAsked && isMissing ? 'Say why, in a few words.' : null}>
        <Input
          value={reason}
          maxLength={props.reasonCharsMax}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}

function PreviewList({ preview }: { readonly preview: RevocationPreview }) {
  return (
    <ul aria-label="What it reaches" className="flex flex-col gap-1.5 text-sm">
      {preview.credentials.map((one) => (
        <li key={one.id} style={{ paddingInlineStart: `${one.depth}rem` }}>
          <span className="font-medium">{one.name}</span>
          <span className="block text-xs text-ink-muted">
            {formatCounted(one.openLeases, 'open lease')}, {formatCounted(one.holders, 'holder')};{' '}
            {one.provider === null
              ? 'no provider is known: somebody has to revoke it where it was made'
              : `sent to ${one.provider.name} (${adapterWords[one.provider.adapter]})`}
            {one.isRevoked ? '; is being revoked already' : ''}
          </span>
        </li>
      ))}
    </ul>
  );
}
