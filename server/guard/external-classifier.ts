import { z } from 'zod';
import type { TextKind } from '#server/guard/contract.ts';

/** A text to be judged by somebody else's model. */
export interface ClassifiedText {
  readonly kind: TextKind;
  readonly text: string;
}

/**
 * A classifier beside our own: an ONNX runtime, a model behind HTTP, a service. Whoever writes one gives
 * scores in [0, 1], one a text and in order, on the scale of `classifier/calibrate.ts`: 0.5 is what 1 %
 * of innocent texts reach. It can only add suspicion; its silence clears nothing.
 */
export interface ExternalClassifier {
  /** Told beside the version of our own weights. */
  readonly name: string;
  /** @throws when it is away, late or answers nonsense. */
  readonly score: (texts: readonly ClassifiedText[]) => Promise<readonly number[]>;
}

const timeoutMs = 2000;
const answerBytesMax = 64 * 1024;

const answerSchema = z.object({ scores: z.array(z.number().min(0).max(1)) });

async function readBounded(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error('the classifier answers too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * A classifier behind HTTP: `POST {"items":[{"kind","text"}]}` answers `{"scores":[…]}`. Redirects are
 * not followed, an answer is awaited for two seconds and read up to 64 KiB. Nothing is connected to
 * unless an address is configured (`SIGNALBOX_CLASSIFIER_URL`): texts leave the house by this door.
 */
export function createHttpClassifier(url: string, token: string | null): ExternalClassifier {
  return {
    name: new URL(url).host,
    score: async (texts) => {
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ items: texts.map(({ kind, text }) => ({ kind, text })) }),
      });
      if (!answer.ok) throw new Error(`the classifier answers ${answer.status}`);
      const { scores } = answerSchema.parse(JSON.parse(await readBounded(answer)));
      if (scores.length !== texts.length)
        throw new Error(`the classifier gave ${scores.length} scores for ${texts.length} texts`);
      return scores;
    },
  };
}

/**
 * Scores of a classifier that may be absent or fail: null then, and our own score stands alone. A
 * failure is told to `onFailure` and to nobody else, since it clears nothing.
 */
export async function askClassifier(
  classifier: ExternalClassifier | null,
  texts: readonly ClassifiedText[],
  onFailure: (error: unknown) => void,
): Promise<readonly number[] | null> {
  if (classifier === null || texts.length === 0) return null;
  try {
    return await classifier.score(texts);
  } catch (error) {
    onFailure(error);
    return null;
  }
}
