import { z } from 'zod';

/**
 * What people call a thing of theirs, trimmed. Line breaks, control characters and what turns the direction of
 * writing would let one name pass for another on every page that shows it.
 */
export const plainName = (charsMax: number, empty = 'must not be empty') =>
  z
    .string()
    .trim()
    .min(1, empty)
    .max(charsMax, `must have at most ${charsMax} characters`)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must be plain text on one line');
