import { z } from 'zod';
import { responseActions, responseStates } from '#db/enums.ts';

/** What a rule has done by itself about an alert, or why it did not. */
export const ruleResponseSchema = z.object({
  id: z.string(),
  action: z.enum(responseActions),
  state: z.enum(responseStates),
  says: z.string(),
  agent: z.string().nullable(),
  stopId: z.string().nullable(),
  containmentId: z.string().nullable(),
  /** It placed the stop or began the containment, so it can be undone here, also where it failed then. */
  mayUndo: z.boolean(),
  orderedAt: z.string(),
  undoneBy: z.string().nullable(),
  undoneAt: z.string().nullable(),
});
export type RuleResponse = z.infer<typeof ruleResponseSchema>;
