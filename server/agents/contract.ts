import { z } from 'zod';
import { agentStates, effectClasses, keyKinds } from '#db/enums.ts';
import { keyNameSchema } from '#server/auth/contract.ts';
import { limits } from '#server/kernel/limits.ts';

/** An agent's slug, unique in its tenant; fixed by the outer contract. */
export const agentSlugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._/-]{0,127}$/, 'must match [a-z0-9][a-z0-9._/-]{0,127}');

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

export const agentSchema = z.object({
  id: z.string(),
  slug: agentSlugSchema,
  environment: z.string(),
  state: z.enum(agentStates),
  createdAt: z.string(),
});
export type Agent = z.infer<typeof agentSchema>;

export const effectClassSchema = z.enum(effectClasses);
