'use client';

import { Field } from '@base-ui/react/field';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { controlLook } from './control-look.ts';

export interface InputProps extends Omit<ComponentProps<'input'>, 'className' | 'style'> {
  readonly className?: string;
  /** An icon or a unit before the text; decoration only. */
  readonly leading?: ReactNode;
}

/** One line of text. Inside a `<Field>` it takes its label, hint and error from there. */
export function Input({ className, leading, ...rest }: InputProps) {
  const control = (
    <Field.Control
      {...rest}
      className={classNames(
        controlLook,
        'h-8 px-2.5 pointer-coarse:h-10 pointer-coarse:text-lg',
        leading !== undefined && 'pl-8',
        className,
      )}
    />
  );
  if (leading === undefined) return control;
  return (
    <span className="relative block w-full">
      <span
        aria-hidden
        className="pointer-events-none absolute inset-y-0 left-0 flex w-8 items-center justify-center text-ink-faint [&_svg]:size-3.5"
      >
        {leading}
      </span>
      {control}
    </span>
  );
}

/** Several lines of text; grows by hand only, so that the page never moves while somebody types. */
export function Textarea({
  className,
  ...rest
}: Omit<ComponentProps<'textarea'>, 'className' | 'style'> & { readonly className?: string }) {
  return (
    <Field.Control
      render={<textarea {...rest} />}
      className={classNames(controlLook, 'min-h-20 resize-y px-2.5 py-1.5', className)}
    />
  );
}
