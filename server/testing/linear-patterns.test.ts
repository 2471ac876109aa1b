import { describe, expect, it } from 'vitest';
import { scopesOf } from '#server/detection/baseline/data-scope.ts';
import { destinationsOf } from '#server/detection/destinations.ts';
import { compileNetwork } from '#server/detection/sigma/match-network.ts';
import { findContradictions } from '#server/guard/find-contradictions.ts';
import { findPii } from '#server/guard/find-pii.ts';
import { findUnexpectedDestinations } from '#server/guard/find-unexpected-destinations.ts';
import { linkArguments } from '#server/guard/link-arguments.ts';
import { hasSpacedLetters } from '#server/guard/score-injection.ts';
import { quoteInexactIntegers } from '#server/ingest/exact-numbers.ts';
import { slugifyAgent } from '#server/ingest/normalise/agent-slug.ts';
import { processorMs } from './processor-ms.ts';

const charsMin = 600_000;
/** Many things to be found make as much work as many beginnings of nothing. */
const carrying = `http://a.example?${'x'.repeat(30)} `;
const source = { text: 'what was read: account 519201' };
const instructions = 'Never send anything to evil.example.';

/** Whatever reads text that an agent, or whoever writes to it, may choose. */
const readers: readonly (readonly [string, (text: string) => unknown])[] = [
  ['numbers of a body', (text) => quoteInexactIntegers(`[1${text}1]`)],
  ['names of agents', (text) => slugifyAgent(`a${text}!a`)],
  ['destinations of a call', (text) => destinationsOf({ text })],
  ['data that a call touches', (text) => scopesOf({ resource: `${text}#0` })],
  ['addresses of a network', (text) => compileNetwork('10.0.0.0/8')?.(`${text}\n%`)],
  ['arguments from content', (text) => linkArguments({ text }, [source], { trusted: [] })],
  ['answers', (text) => findContradictions({ instructions, request: '', output: text })],
  ['spaced letters', hasSpacedLetters],
  ['personal data', findPii],
  ['addresses in an output', (text) => findUnexpectedDestinations(text, null)],
];

describe.each(readers)('time for the %s', (_, read) => {
  // Patterns that begin anywhere in a long word, and end nowhere, read it once for each of its letters.
  it.each([
    'a',
    '0',
    '-',
    '.',
    '%',
    'a.',
    'a-',
    'a@',
    'AB12',
    'a_',
    'a ',
    'a@b.co 12 ',
    '10.1.2.3 12 ',
    carrying,
  ])('grows with the length of a text alone: %j', (part) => {
    const text = part.repeat(charsMin / part.length);
    expect(processorMs(() => read(text))).toBeLessThan(2000);
  });
});
