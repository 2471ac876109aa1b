import type { z } from 'zod';

/** What is wrong with each field of a form: the first complaint per field, by its name. */
export type FieldErrors = Readonly<Record<string, string>>;

/** Reads the complaints of a schema as sentences below the fields. Pure. */
export function readFieldErrors(error: z.ZodError): FieldErrors {
  const errors: Record<string, string> = {};
  for (const issue of error.issues) {
    const field = String(issue.path[0] ?? 'form');
    errors[field] ??= sentenceOf(issue.message);
  }
  return errors;
}

function sentenceOf(message: string): string {
  const text = message.trim();
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
