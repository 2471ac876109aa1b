import { z } from 'zod';
import { agentStates, type EffectClass, effectClasses, keyKinds } from '#db/enums.ts';
import { filterTextSchema } from '#server/audit/contract.ts';
import { keyNameSchema } from '#server/auth/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { agentSlugPattern } from './states/contract.ts';

export { type EffectClass, effectClasses };

/** An agent's slug, unique in its tenant; fixed by the outer contract. */
export const agentSlugSchema = z
  .string()
  .regex(agentSlugPattern, 'must match [a-z0-9][a-z0-9._/-]{0,127}');

/** What a tool is called by those who call it; any printable text without spaces at its ends. */
export const toolNameSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(limits.nameCharsMax)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}\s](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Zl}\p{Zp}\s])?$/u, {
    message: 'must be plain text without spaces at its ends',
  });

/** A wish for a key: an agent key names its agent, an enforcer key its tools, the others neither. */
export const issueKeyInput = z
  .object({
    kind: z.enum(keyKinds),
    name: keyNameSchema,
    agent: agentSlugSchema.nullable().default(null),
    tools: z.array(toolNameSchema).max(limits.keyToolsMax).default([]),
    lifeSeconds: z.number().int().min(1).max(limits.keyLifeSecondsMax).nullable().default(null),
  })
  .superRefine((wish, check) => {
    if ((wish.kind === 'agent') !== (wish.agent !== null)) {
      check.addIssue({
        code: 'custom',
        path: ['agent'],
        message:
          wish.kind === 'agent'
            ? 'name the agent that the key is for'
            : 'only an agent key belongs to an agent',
      });
    }
    if ((wish.kind === 'enforcer') !== wish.tools.length > 0) {
      check.addIssue({
        code: 'custom',
        path: ['tools'],
        message:
          wish.kind === 'enforcer'
            ? 'name at least one tool: an empty list allows none'
            : 'only an enforcer key is bound to tools',
      });
    }
  });
export type IssueKeyInput = z.input<typeof issueKeyInput>;

/** A page of a list: `cursor` is the `next` of the page before. */
export const pageInput = z.object({
  limit: z.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
  cursor: filterTextSchema.nullish(),
});

/** A page of a list that names are searched in. */
export const searchPageInput = pageInput.extend({ search: filterTextSchema.nullish() });

/** An agent in lists. */
export const agentSchema = z.object({
  id: z.string(),
  slug: agentSlugSchema,
  environment: z.string(),
  state: z.enum(agentStates),
  /** May be stopped for exercise at any time. */
  isDrill: z.boolean(),
  /** E-mail of the owner; null for an agent that telemetry registered. */
  owner: z.string().nullable(),
  createdAt: z.string(),
  /** Of its latest event; null before the first. */
  lastSeenAt: z.string().nullable(),
  instances: z.number().int(),
});
export type Agent = z.infer<typeof agentSchema>;

export const agentDetailSchema = agentSchema.extend({
  ownerUserId: z.string().nullable(),
  /** Latest first, at most `limits.pageItemsMax`. */
  running: z.array(
    z.object({ instanceId: z.string(), firstSeenAt: z.string(), lastSeenAt: z.string() }),
  ),
  keys: z.object({ live: z.number().int(), total: z.number().int() }),
});
export type AgentDetail = z.infer<typeof agentDetailSchema>;

export const changeAgentInput = z.object({
  id: z.string(),
  state: z.enum(agentStates).optional(),
  isDrill: z.boolean().optional(),
  environment: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must match [a-z0-9][a-z0-9_-]{0,62}')
    .optional(),
  ownerUserId: z.string().nullable().optional(),
});
export type ChangeAgentInput = z.infer<typeof changeAgentInput>;

const grade = z.number().int().min(0).max(4);

/** What the table says of a tool. Grades go from 0 (harmless) to 4; see common-tools.ts. */
export const toolInput = z.object({
  name: toolNameSchema,
  description: z
    .string()
    .trim()
    .max(limits.toolDescriptionCharsMax)
    .regex(/^[^\p{Cc}]*$/u, 'must be plain text on one line'),
  reversibility: grade,
  sensitivity: grade,
  blastRadius: grade,
  effectClass: z.enum(effectClasses),
  loadBearingFields: z
    .array(toolNameSchema)
    .min(1, 'name at least one field, or none at all for “every field”')
    .max(limits.toolFieldsMax)
    .nullable(),
  /** JSON Schema 2020-12 of its arguments, as text; null = they are not checked. */
  argumentSchema: z.string().trim().min(2).max(limits.toolSchemaCharsMax).nullable(),
  /** Every call of it, whoever makes it, needs a redeemed permit; one without is a bypass. */
  isGoverned: z.boolean(),
});
export type ToolInput = z.infer<typeof toolInput>;

export const toolSchema = toolInput.extend({
  id: z.string(),
  origin: z.enum(['seeded', 'custom']),
  updatedAt: z.string(),
});
export type Tool = z.infer<typeof toolSchema>;
