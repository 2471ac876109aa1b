import { z } from 'zod';
import { responseActions } from '#db/enums.ts';
import { ruleStatuses, severities } from '#server/detection/contract.ts';

/**
 * The documents of Sigma 2.1.0 as we accept them. Unknown keys are kept out of the way, as the
 * specification asks; ours stand under `signalbox`.
 */
const dateSchema = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\d|3[01])$/, 'must be a date such as 2026-01-31');

/** A list in which nothing stands twice. */
function distinct<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .refine((items) => new Set(items).size === items.length, 'must not hold anything twice');
}

const shortTextSchema = z.string().min(2, 'must be two characters or more');
const textsSchema = z.union([
  shortTextSchema.transform((text) => [text]),
  distinct(shortTextSchema),
]);
/** `namespace.name`, lower case, as the specification's appendix of tags asks. */
const tagSchema = z
  .string()
  .max(128)
  .regex(/^[a-z0-9_-]+\.[a-z0-9._-]+$/, 'must look like attack.t1059');

export const correlationTypes = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
] as const;
export type CorrelationType = (typeof correlationTypes)[number];

const relations = ['derived', 'obsolete', 'merged', 'renamed', 'similar'] as const;

const headShape = {
  title: z.string().min(1).max(256),
  id: z.guid().optional(),
  name: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[a-z0-9][a-z0-9_-]*$/i, 'must be letters, digits, _ and -')
    .optional(),
  taxonomy: z.string().max(256).optional(),
  status: z.enum(ruleStatuses).optional(),
  description: z.string().max(65_535).optional(),
  license: z.string().max(256).optional(),
  author: z.string().max(1024).optional(),
  references: distinct(z.string()).optional(),
  date: dateSchema.optional(),
  modified: dateSchema.optional(),
  related: z.array(z.object({ id: z.guid(), type: z.enum(relations) })).optional(),
  falsepositives: textsSchema.optional(),
  level: z.enum(severities).optional(),
  tags: distinct(tagSchema)
    .refine((tags) => tags.length <= 64, 'must be 64 at most')
    .optional(),
};

/** An event of a rule's own tests: field names to values, read as the detector reads an event. */
const testEventSchema = z.record(z.string(), z.unknown());

/** The values that a placeholder of the `expand` modifier stands for, by its name. */
const placeholdersSchema = z.record(
  z.string().regex(/^\w{1,64}$/, 'must be letters, digits and _'),
  z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
);
export type Placeholders = z.infer<typeof placeholdersSchema>;

/**
 * What a rule says beyond Sigma: `group-by` for a rule over single events (which matches belong to
 * one alert), the values of its placeholders, what is done by itself about an alert of it, and tests,
 * each a list of events that the rule must, or must not, fire over.
 */
export const extensionSchema = z.strictObject({
  'group-by': z.array(z.string().min(1).max(256)).min(1).max(8).optional(),
  placeholders: placeholdersSchema.optional(),
  response: z.enum(responseActions).optional(),
  tests: z
    .strictObject({
      hits: z.array(z.array(testEventSchema).min(1)),
      misses: z.array(z.array(testEventSchema).min(1)),
    })
    .optional(),
});

const logsourceSchema = z.object({
  category: z.string().max(128).optional(),
  product: z.string().max(128).optional(),
  service: z.string().max(128).optional(),
  definition: z.string().optional(),
});
export type Logsource = z.infer<typeof logsourceSchema>;

export const detectionDocumentSchema = z.object({
  ...headShape,
  logsource: logsourceSchema,
  detection: z.looseObject({ condition: z.union([z.string(), z.array(z.string()).min(1)]) }),
  fields: distinct(z.string()).optional(),
  scope: z.array(shortTextSchema).optional(),
  signalbox: extensionSchema.optional(),
});

const boundShape = {
  gt: z.number().optional(),
  gte: z.number().optional(),
  lt: z.number().optional(),
  lte: z.number().optional(),
  eq: z.number().optional(),
  neq: z.number().optional(),
};
export const bounds = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
export type Bound = (typeof bounds)[number];

/** `percentile` is ours: the specification names none, see `compile-correlation.ts`. */
const correlationConditionSchema = z.strictObject({
  ...boundShape,
  field: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(8)]).optional(),
  percentile: z.number().gt(0).max(100).optional(),
});

export const correlationDocumentSchema = z.object({
  ...headShape,
  correlation: z.strictObject({
    type: z.enum(correlationTypes),
    rules: distinct(z.string().min(1)).refine(
      ({ length }) => length >= 1 && length <= 32,
      'must be 1 to 32 rules',
    ),
    /** An empty list is one group: the whole tenant. */
    'group-by': distinct(z.string().min(1).max(256)).refine(
      ({ length }) => length <= 8,
      'must be 8 fields at most',
    ),
    timespan: z.string().regex(/^[1-9]\d{0,6}[smhd]$/, 'must look like 10m (s, m, h or d)'),
    condition: correlationConditionSchema.optional(),
    aliases: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    generate: z.boolean().optional(),
  }),
  generate: z.boolean().optional(),
  signalbox: extensionSchema.optional(),
});

/**
 * What becomes of events that fit a filter's condition: `suppress` leaves them out, `require` keeps
 * them alone. The specification's only example means the first, and other tools the second.
 */
export const filterEffects = ['suppress', 'require'] as const;
export type FilterEffect = (typeof filterEffects)[number];

export const filterDocumentSchema = z.object({
  ...headShape,
  logsource: logsourceSchema,
  filter: z.looseObject({
    rules: z.union([
      z.literal('any'),
      distinct(z.string().min(1)).refine(({ length }) => length > 0, 'must name a rule'),
    ]),
    condition: z.union([z.string(), z.array(z.string()).min(1)]),
  }),
  signalbox: z
    .strictObject({
      effect: z.enum(filterEffects).optional(),
      placeholders: placeholdersSchema.optional(),
    })
    .optional(),
});

export type DetectionDocument = z.infer<typeof detectionDocumentSchema>;
export type CorrelationDocument = z.infer<typeof correlationDocumentSchema>;
export type FilterDocument = z.infer<typeof filterDocumentSchema>;

export type RuleDocument =
  | { readonly kind: 'detection'; readonly document: DetectionDocument }
  | { readonly kind: 'correlation'; readonly document: CorrelationDocument }
  | { readonly kind: 'filter'; readonly document: FilterDocument };
