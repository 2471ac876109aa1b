import { z } from 'zod';
import { emitterNames } from '#server/testing/run-emitter.ts';

/**
 * The process that `runEmitter` starts: `emit-otlp.ts <emitter> <json|protobuf>`. It is one run long
 * because LangChain's instrumentations patch their module for good.
 */
const name = z.enum(emitterNames).parse(process.argv[2]);
const encoding = z.enum(['json', 'protobuf']).parse(process.argv[3]);

if (name === 'gen_ai' || name === 'legacy') {
  const { emitAiSdk } = await import('#server/testing/emit-ai-sdk.ts');
  await emitAiSdk(encoding, name);
} else {
  const { emitLangChain } = await import('#server/testing/emit-langchain.ts');
  await emitLangChain(encoding, name);
}
