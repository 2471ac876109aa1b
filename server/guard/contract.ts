import { z } from 'zod';
import { toolNameSchema } from '#server/agents/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { plainName } from '#server/kernel/plain-name.ts';
import { type CanaryForm, plantedForms } from './states/contract.ts';

import { findingTypes, type FindingType, traceIdSchema } from '#server/telemetry/contract.ts';

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

export { canaryForms, plantedForms, type CanaryForm, type PlantedForm } from './states/contract.ts';

/** Two ways in which text reaches an agent; the classifier weighs and calibrates each by itself. */
export type TextKind = 'user_input' | 'tool_output';

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
    | 'injected_instruction'
    | 'hidden_text'
    | 'canary'
    | 'unexpected_destination'
    | 'contradiction'
    | 'mixed_instruction'
  >;
  readonly detector: string;
  readonly start: number;
  readonly end: number;
  /** 0–1; exact matches are 1. */
  readonly score: number;
  /** One sentence for a person, never the matched text. */
  readonly detail: string;
  /** Of a canary: what it wore. */
  readonly disguise?: CanaryForm;
}

/** A marker that a tenant planted; its appearance elsewhere than at `home` proves a leak. */
export interface CanaryText {
  /** `can_…` */
  readonly id: string;
  /** What it stands for; told with a match, where the marker never is. */
  readonly name?: string;
  readonly text: string;
  /** Tools, resources or origins where it legitimately lives; none when it should be seen nowhere. */
  readonly homes: readonly string[];
}

/** Where a canary was seen; `form` is the disguise it wore. */
export interface CanaryMatch {
  readonly canaryId: string;
  readonly name: string | null;
  readonly homes: readonly string[];
  readonly form: CanaryForm;
  readonly start: number;
  readonly end: number;
}

/** All canaries of one tenant, compiled once and asked for every text. */
export interface CanaryMatcher {
  /** How many canaries it knows. */
  readonly size: number;
  /** Matches in `text`, in order of their start; the same shared empty list when there are none. */
  find(text: string): readonly CanaryMatch[];
}

/** How a kept secret was written where it was found. */
export const secretForms = ['plain', 'escaped', 'percent', 'base64', 'hex'] as const;
export type SecretForm = (typeof secretForms)[number];

/** Where the secret of a credential that the broker keeps was found in a text. */
export interface KeptSecretMatch {
  /** `crd_…` */
  readonly credentialId: string;
  readonly name: string;
  readonly form: SecretForm;
  readonly start: number;
  readonly end: number;
}

/** The kept secrets of one tenant, known by keyed commitments alone. */
export interface KeptSecretMatcher {
  /** How many spellings it knows. */
  readonly size: number;
  /** Matches in `text`, in order of the stretch that proved them. */
  find(text: string): readonly KeptSecretMatch[];
}

/** Blanks and invisible characters count for nothing when a canary is looked for. */
const withoutBlanks = (text: string): string =>
  text.replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, '');

const placeSchema = z.string().trim().min(1).max(limits.nameCharsMax);

/** What registers a canary. `marker` is planted text of your own making: long, and found nowhere else. */
export const canaryInput = z.object({
  name: plainName(limits.nameCharsMax),
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

/** The name of a canary is the document's and its form in parentheses. */
const formCharsMax = 16;

/** Mints canaries for one document: one of each form. */
export const mintInput = z.object({
  document: plainName(limits.nameCharsMax - formCharsMax),
  forms: z.array(z.enum(plantedForms)).min(1, { error: 'choose at least one form' }),
  homes: z.array(placeSchema).max(limits.canaryHomesMax),
});
export type MintInput = z.infer<typeof mintInput>;

export const mintedCanarySchema = z.object({
  id: z.string(),
  form: z.enum(plantedForms),
  /** To be copied into the document as it is. */
  text: z.string(),
});
export type MintedCanary = z.infer<typeof mintedCanarySchema>;

export const canarySchema = z.object({
  id: z.string(),
  name: z.string(),
  marker: z.string(),
  homes: z.array(z.string()),
  createdBy: z.string(),
  createdAt: z.string(),
});
export type Canary = z.infer<typeof canarySchema>;

/** What was planted, without the marker; told beside an alert of a canary. */
export const plantedCanarySchema = z.object({
  name: z.string(),
  /** Null for one that was registered by hand. */
  document: z.string().nullable(),
  form: z.enum(plantedForms).nullable(),
  homes: z.array(z.string()),
  createdAt: z.string(),
  /** Since when it is looked for no longer; null while it is. */
  removedAt: z.string().nullable(),
});
export type PlantedCanary = z.infer<typeof plantedCanarySchema>;

/** What a scanned text is to the agent: `output` is what the agent itself is about to say or send. */
export const scanKinds = ['user_input', 'tool_output', 'output'] as const;
export const scanVerdicts = ['clean', 'suspicious', 'malicious'] as const;

/** One text of `POST /api/v1/guard/scan`; its size is bounded in bytes by `limits.scanItemBytesMax`. */
export const scanItemSchema = z.strictObject({
  kind: z.enum(scanKinds),
  text: z.string(),
  /** Tool that returned the text, or that is to be given it: a canary may be at home there. */
  tool: toolNameSchema.nullish(),
  /** Where an `output` goes: a host, a URL, an address, an account. */
  destination: z.string().min(1).max(limits.destinationCharsMax).nullish(),
  /** System instructions that an `output` was made under, and the request that it answers. */
  instructions: z.string().max(limits.scanInstructionsCharsMax).nullish(),
  request: z.string().max(limits.scanInstructionsCharsMax).nullish(),
});
export type ScanItem = z.infer<typeof scanItemSchema>;

export const scanInputSchema = z.strictObject({
  items: z.array(scanItemSchema).min(1).max(limits.scanItemsMax),
  traceId: traceIdSchema.nullish(),
});

export const scanFindingSchema = z.object({
  type: z.enum(findingTypes),
  /** UTF-16 code units in the text as it was sent, `end` exclusive. */
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** One sentence for a person, never the matched text. */
  detail: z.string(),
});
export type ScanFinding = z.infer<typeof scanFindingSchema>;

export const scanResultSchema = z.object({
  verdict: z.enum(scanVerdicts),
  /** How far the text reads like an injected instruction, in [0, 1]; comparable across kinds. */
  score: z.number().min(0).max(1),
  /** Everything that `sanitised` lacks or has disarmed; pictures and links alone leave the verdict clean. */
  findings: z.array(scanFindingSchema),
  /** The text without what was found, and with links that nothing opens by itself. */
  sanitised: z.string(),
});
export type ScanResult = z.infer<typeof scanResultSchema>;

export const scanAnswerSchema = z.object({
  /** In the order of the items. */
  results: z.array(scanResultSchema),
  /** Version of the classifier; findings of exact detectors do not depend on it. */
  model: z.string(),
});
export type ScanAnswer = z.infer<typeof scanAnswerSchema>;
