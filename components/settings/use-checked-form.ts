import { useState } from 'react';
import type { z } from 'zod';
import { type FieldErrors, readFieldErrors } from './read-field-errors.ts';

/**
 * A form's draft, checked by the schema that the server checks it with. Nothing is called wrong
 * before the person first asked to send it; from then on the complaints follow what they type.
 * `take()` is that asking: the value to send, or null when something is wrong.
 */
export function useCheckedForm<Schema extends z.ZodType>(schema: Schema, draft: unknown) {
  const [isAsked, setIsAsked] = useState(false);
  const parsed = schema.safeParse(draft);
  const errors: FieldErrors = isAsked && !parsed.success ? readFieldErrors(parsed.error) : {};
  return {
    errors,
    take: (): z.output<Schema> | null => {
      setIsAsked(true);
      return parsed.success ? parsed.data : null;
    },
    reset: () => setIsAsked(false),
  };
}
