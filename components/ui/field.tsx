'use client';

import { Field as BaseField } from '@base-ui/react/field';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

/**
 * A control with its label, hint and error, wired together for screen readers.
 * `<Field label="E-mail" error={errors.email}><Input name="email" type="email" /></Field>`
 * `error` is a sentence that says what to do; null or absent when the value is fine.
 */
export function Field(props: {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const hasError = props.error !== undefined && props.error !== null;
  return (
    <BaseField.Root
      invalid={hasError}
      className={classNames('flex min-w-0 flex-col gap-1.5', props.className)}
    >
      <BaseField.Label className="text-xs font-medium text-ink-muted">
        {props.label}
      </BaseField.Label>
      {props.children}
      {props.hint === undefined ? null : (
        <BaseField.Description className="text-xs text-ink-faint">
          {props.hint}
        </BaseField.Description>
      )}
      <BaseField.Error
        match={hasError}
        role="alert"
        className="flex items-start gap-1.5 text-xs text-critical"
      >
        <CircleAlert aria-hidden className="mt-0.5 size-3 shrink-0" />
        <span>{props.error}</span>
      </BaseField.Error>
    </BaseField.Root>
  );
}
