import { z } from 'zod';

export const ruleIdSchema = z.string().regex(/^rul_[0-9a-hjkmnp-tv-z]{26}$/, 'must be a rul_ id');
/** A rule's own stable name, unique in its tenant: what `rule` says in an alert. */
export const ruleNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,127}$/, 'must match [a-z0-9][a-z0-9_-]{0,127}');
