import { inspectText } from '#server/guard/inspect-text.ts';
import type { RedactionTools } from '#server/ingest/redact.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Finding } from '#server/telemetry/contract.ts';
import type { OpenedArguments } from './contract.ts';
import { findLookalikeHosts } from './find-lookalike-hosts.ts';
import { stringsOf } from '#server/guard/walk-strings.ts';

/**
 * What the guard says of arguments as they are shown: hidden and reversed text, look-alikes,
 * instructions, personal data, canaries; and which parts it did not look at. Pure.
 */
export function inspectArguments(
  value: unknown,
  tool: string,
  redaction: RedactionTools,
): Pick<OpenedArguments, 'findings' | 'uninspected'> {
  const findings: OpenedArguments['findings'] = [];
  const uninspected: string[] = [];
  let seen = 0;
  for (const { pointer, text, name } of stringsOf(value)) {
    seen += text.length;
    if (seen > limits.scanCharsMax) {
      uninspected.push(pointer);
      continue;
    }
    const { canaries, kept } = redaction;
    const options = { name, canaries, kept, voice: 'data', places: [tool] } as const;
    const { sensitive, signals } = inspectText(text, options);
    const found: Omit<Finding, 'path'>[] = [...signals, ...findLookalikeHosts(text)];
    for (const { detector, placeholder, start, end } of sensitive) {
      // What is masked is shown as masked; a mask is no credential.
      if (placeholder === 'SECRET') continue;
      const detail = `Personal data (${detector.replaceAll('_', ' ')}).`;
      found.push({ type: 'pii', detector, start, end, score: 1, detail });
    }
    for (const finding of found) {
      if (findings.length >= limits.argumentFindingsMax) break;
      findings.push({ ...finding, path: pointer, pointer });
    }
  }
  return { findings, uninspected };
}
