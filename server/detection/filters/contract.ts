import { z } from 'zod';
import { ruleIdSchema, ruleNameSchema } from '../rule-names/contract.ts';

/** How a rule's own tests that must fire fare under the filters that are put on it. */
export const filteredTestsSchema = z.object({
  /** Tests that must fire. */
  hits: z.number().int().nonnegative(),
  /** Of these, how many do not any more. All of them: with its filters the rule may find nothing. */
  silenced: z.number().int().nonnegative(),
});
export type FilteredTests = z.infer<typeof filteredTestsSchema>;

/** What a source of filters comes to among the rules that run. */
export const filterReachSchema = z.object({
  /** Rules that it is put on, by title. */
  shapes: z.array(
    z.object({
      id: ruleIdSchema,
      name: ruleNameSchema,
      title: z.string(),
      /** Only a change of it in the shadow runs. */
      isShadow: z.boolean(),
      /** Names of its documents that are filtered. */
      parts: z.array(z.string()),
      /** With all filters that run, this one with them; null where its tests were not tried, for their length. */
      tests: filteredTestsSchema.nullable(),
    }),
  ),
  /** What it names and does not reach, with one sentence on why. */
  unfound: z.array(z.object({ name: z.string(), reason: z.string() })),
});
export type FilterReach = z.infer<typeof filterReachSchema>;

/** What filters of other sources make of a rule. */
export const ruleShapingSchema = z.object({
  /** The filters that are put on it, by id. */
  filters: z.array(z.object({ id: ruleIdSchema, name: ruleNameSchema, title: z.string() })),
  /** The conditions of its documents with all filters written out. */
  conditions: z.array(z.object({ part: z.string(), condition: z.string() })),
  tests: filteredTestsSchema.nullable(),
});
export type RuleShaping = z.infer<typeof ruleShapingSchema>;
