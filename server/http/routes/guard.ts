import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CanaryMatcher, ScanAnswer } from '#server/guard/contract.ts';
import { scanInputSchema } from '#server/guard/contract.ts';
import { askClassifier, type ExternalClassifier } from '#server/guard/external-classifier.ts';
import { kindOf, scanItem } from '#server/guard/scan-item.ts';
import { scoreInjection, shippedModel } from '#server/guard/score-injection.ts';
import type { AgentRoute } from '#server/http/agent-route.ts';
import { parseJsonBody } from '#server/ingest/parse-json.ts';
import { type RecordedScan, recordScan } from '#server/ingest/record-scan.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { GroupCommit } from '#server/telemetry/group-commit.ts';
import { parseAsked } from './parse-asked.ts';

/** What the scan door needs of its process. */
export interface ScanParts {
  readonly readCanaries: (ctx: Ctx) => Promise<CanaryMatcher | null>;
  readonly commit: GroupCommit;
  /** Beside our own; null unless one is configured. */
  readonly classifier: ExternalClassifier | null;
  readonly log: Log;
}

/**
 * `POST /api/v1/guard/scan`: open under a stop, since asking whether a text is safe does no harm. Texts
 * are read one a turn of the event loop, so a full request does not hold up the others.
 */
export function guardRoute(parts: ScanParts): AgentRoute {
  return {
    method: 'POST',
    url: '/api/v1/guard/scan',
    permission: 'guard.scan',
    bodyBytesMax: limits.scanBodyBytesMax,
    handle: async ({ ctx, body, contentType }) => {
      requireJson(contentType);
      const { items, traceId } = parseAsked(scanInputSchema, parseJsonBody(body));
      for (const [index, { text }] of items.entries())
        if (Buffer.byteLength(text) > limits.scanItemBytesMax)
          throw new AppError(
            'payload_too_large',
            `items.${index}.text: send at most ${limits.scanItemBytesMax / 1024} KiB of text in one item.`,
          );
      const canaries = await parts.readCanaries(ctx);
      const others = await askClassifier(
        parts.classifier,
        items.map((item) => ({ kind: kindOf(item), text: item.text })),
        (err) => parts.log.warn({ err }, 'the configured classifier did not answer'),
      );
      const scans: RecordedScan[] = [];
      for (const [index, item] of items.entries()) {
        const score = withOther(others?.[index] ?? 0);
        scans.push({ item, scanned: scanItem(item, { canaries, score }) });
        await nextTurn();
      }
      if (traceId !== undefined && traceId !== null)
        await recordScan(ctx, parts.commit, traceId, scans, new Date());
      const answer: ScanAnswer = {
        results: scans.map(({ scanned }) => scanned.result),
        model:
          others === null
            ? shippedModel().version
            : `${shippedModel().version}+${parts.classifier?.name ?? ''}`,
      };
      return { status: 200, body: answer };
    },
  };
}

/** Our own score, or another classifier's where that is higher: then the whole text is meant. */
function withOther(other: number): typeof scoreInjection {
  return (text, kind) => {
    const own = scoreInjection(text, kind);
    return own.score >= other ? own : { score: other, start: 0, end: text.length };
  };
}

function requireJson(contentType: string | undefined): void {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/json') return;
  throw new AppError('unsupported_media_type', 'Send the texts as application/json.');
}
