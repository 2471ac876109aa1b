import { z } from 'zod';
import { emitterNames } from '#server/testing/run-emitter.ts';

/**
 * The process that `runEmitter` starts: `emit-otlp.ts <emitter> <target as JSON>`. It is one run
 * long because LangChain's instrumentations patch their module for good.
 */
const name = z.enum(emitterNames).parse(process.argv[2]);
const target = z
  .object({
    url: z.url(),
    encoding: z.enum(['json', 'protobuf']),
    headers: z.record(z.string(), z.string()).optional(),
  })
  .parse(JSON.parse(process.argv[3] ?? ''));

if (name === 'gen_ai' || name === 'legacy') {
  const { emitAiSdk } = await import('#server/testing/emit-ai-sdk.ts');
  await emitAiSdk({ ...target, headers: target.headers ?? {} }, name);
} else {
  const { emitLangChain } = await import('#server/testing/emit-langchain.ts');
  await emitLangChain({ ...target, headers: target.headers ?? {} }, name);
}
