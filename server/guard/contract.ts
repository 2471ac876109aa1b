import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import type { FindingType } from '#server/telemetry/contract.ts';

/**
 * Every kind of personal data that the inline guard replaces, named as in its placeholder
 * (`[EMAIL:9f3a61c0]`). Names and street addresses are left out on purpose: without a model their
 * precision is too low to destroy text over (see `find-pii.ts`).
 */
export const piiTypes = [
  'EMAIL',
  'PHONE',
  'CARD',
  'IBAN',
  'SSN',
  'NINO',
  'IP',
  'MAC',
  'PASSPORT',
  'LICENSE',
] as const;
export type PiiType = (typeof piiTypes)[number];

/** What a placeholder may be called: a kind of personal data, or a credential of any provider. */
export const placeholderTypes = [...piiTypes, 'SECRET'] as const;
export type PlaceholderType = (typeof placeholderTypes)[number];

/**
 * A piece of text that must not be stored. Offsets are UTF-16 code units of the inspected string,
 * `end` exclusive. The value itself is read from the string by whoever redacts and kept nowhere.
 */
export interface SensitiveMatch {
  readonly placeholder: PlaceholderType;
  /** Which detector: `email`, `aws_access_key`, `generic_password`, … */
  readonly detector: string;
  readonly start: number;
  readonly end: number;
}

/** Text that says something about itself but stays in place: hidden text, instructions, canaries. */
export interface TextSignal {
  readonly type: Extract<
    FindingType,
    'injected_instruction' | 'hidden_text' | 'canary' | 'unexpected_destination'
  >;
  readonly detector: string;
  readonly start: number;
  readonly end: number;
  /** 0–1; exact matches are 1. */
  readonly score: number;
  /** One sentence for a person, never the matched text. */
  readonly detail: string;
}

/** A marker that a tenant planted; its appearance elsewhere than at `home` proves a leak. */
export interface CanaryText {
  /** `can_…` */
  readonly id: string;
  readonly text: string;
  /** Tools, resources or origins where it legitimately lives; none when it should be seen nowhere. */
  readonly homes: readonly string[];
}

/** Where a canary was seen; `form` is the disguise it wore. */
export interface CanaryMatch {
  readonly canaryId: string;
  readonly homes: readonly string[];
  readonly form: CanaryForm;
  readonly start: number;
  readonly end: number;
}

export const canaryForms = [
  'plain',
  'folded',
  'unspaced',
  'base64',
  'hex',
  'url_encoded',
  'reversed',
] as const;
export type CanaryForm = (typeof canaryForms)[number];

/** All canaries of one tenant, compiled once and asked for every text. */
export interface CanaryMatcher {
  /** How many canaries it knows. */
  readonly size: number;
  /** Matches in `text`, in order of their start; the same shared empty list when there are none. */
  find(text: string): readonly CanaryMatch[];
}

/** Blanks and invisible characters count for nothing when a canary is looked for. */
const withoutBlanks = (text: string): string =>
  text.replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '');

const placeSchema = z.string().trim().min(1).max(limits.nameCharsMax);

/** What registers a canary. `marker` is planted text of your own making: long, and found nowhere else. */
export const canaryInput = z.object({
  name: z.string().trim().min(1).max(limits.nameCharsMax),
  marker: z
    .string()
    .max(limits.canaryCharsMax)
    .refine((text) => withoutBlanks(text).length >= limits.canaryCharsMin, {
      error: `needs ${limits.canaryCharsMin} characters that are no blanks, or it turns up by chance`,
    })
    .refine((text) => text.isWellFormed() && !text.includes('\0'), {
      error: 'holds characters that cannot be stored',
    }),
  homes: z.array(placeSchema).max(limits.canaryHomesMax),
});
export type CanaryInput = z.infer<typeof canaryInput>;

export const canarySchema = z.object({
  id: z.string(),
  name: z.string(),
  marker: z.string(),
  homes: z.array(z.string()),
  createdBy: z.string(),
  createdAt: z.string(),
});
export type Canary = z.infer<typeof canarySchema>;
