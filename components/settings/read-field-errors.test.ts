import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { issueKeyInput } from '#server/agents/contract.ts';
import { addPersonInput } from '#server/auth/contract.ts';
import { readFieldErrors } from './read-field-errors.ts';

const errorsOf = (schema: z.ZodType, value: unknown) => {
  const parsed = schema.safeParse(value);
  return parsed.success ? {} : readFieldErrors(parsed.error);
};

describe('readFieldErrors', () => {
  it('gives each field its first complaint, as a sentence', () => {
    const errors = errorsOf(addPersonInput, { email: 'x', name: '', roles: [], password: 'short' });
    expect(errors).toEqual({
      email: 'Must be an e-mail address.',
      name: 'Must not be empty.',
      roles: 'Give at least one role.',
      password: 'Must have at least 12 characters.',
    });
  });

  it('names the field of a rule that concerns several', () => {
    expect(errorsOf(issueKeyInput, { kind: 'agent', name: 'k' })).toEqual({
      agent: 'Name the agent that the key is for.',
    });
    expect(errorsOf(issueKeyInput, { kind: 'enforcer', name: 'k' })).toEqual({
      tools: 'Name at least one tool: an empty list allows none.',
    });
  });

  it('keeps a complaint about the whole under `form`, and punctuation as it is', () => {
    expect(errorsOf(z.string(), 1)).toHaveProperty('form');
    const picky = z.string().refine(() => false, 'No!');
    expect(errorsOf(z.object({ a: picky }), { a: 'x' })).toEqual({ a: 'No!' });
  });
});
