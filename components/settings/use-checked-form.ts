import { useState } from 'react';
import type { z } from 'zod';
import { type FieldErrors, readFieldErrors } from './read-field-errors.ts';

/**
 * A form's draft, checked by the schema that the server checks it with. Nothing is called wrong
 * before the person first asked to send it; from then on the complaints follow what they type.
 * `take()` is that asking: the value to send, or null when something is wrong.
 * @param load fetches the schema, when it is first asked for: most visits send no form
 */
export function useCheckedForm<Schema extends z.ZodType>(
  load: () => Promise<Schema>,
  draft: unknown,
) {
  // In an object, because a function or a schema itself would be called by setState.
  const [asked, setAsked] = useState<{ readonly schema: Schema } | null>(null);
  const parsed = asked?.schema.safeParse(draft);
  const errors: FieldErrors = parsed?.success === false ? readFieldErrors(parsed.error) : {};
  return {
    errors,
    take: async (): Promise<z.output<Schema> | null> => {
      const schema = await load();
      setAsked({ schema });
      const taken = schema.safeParse(draft);
      return taken.success ? taken.data : null;
    },
    reset: () => setAsked(null),
  };
}
