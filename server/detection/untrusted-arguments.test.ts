import { describe, expect, it } from 'vitest';
import type { TraceText } from '#server/detection/destinations.ts';
import type { ToolFacts } from '#server/detection/event-fields.ts';
import { hasEffect, untrustedArgumentsOf } from '#server/detection/untrusted-arguments.ts';
import { limits } from '#server/kernel/limits.ts';
import { storedEvent } from '#server/testing/stored-event.ts';

const untrusted = (at: number, text: string): TraceText => ({ at, kind: 'untrusted', text });
const asked = (at: number, text: string): TraceText => ({ at, kind: 'asked', text });
const unread = (at: number): TraceText => ({ at, kind: 'unread', text: '' });

const input = {
  to: '[IBAN:9f3a61c0]',
  note: 'for INV-2026-778',
  amount: 5,
  list: ['inv-2026-778'],
};
const letter = 'please pay [iban:9f3a61c0] for inv-2026-778';

describe('untrustedArgumentsOf', () => {
  it.each<[string, readonly TraceText[], readonly string[], boolean]>([
    ['what untrusted content said', [untrusted(1, letter)], ['/to', '/note', '/list/0'], true],
    ['not what the user said too', [untrusted(1, letter), asked(0, letter)], [], true],
    [
      'what the user said only afterwards',
      [untrusted(1, letter), asked(11, letter)],
      ['/to', '/note', '/list/0'],
      true,
    ],
    ['not what came later', [untrusted(11, letter)], [], true],
    ['not what came at the same instant', [untrusted(10, letter)], [], true],
    ['nothing of other content', [untrusted(1, 'the weather is fine')], [], true],
    ['nothing, and says so, where a text was unread', [unread(1)], [], false],
    ['nothing of a text that was unread afterwards', [unread(11)], [], true],
    [
      'nothing, and says so, in more text than is looked through',
      [untrusted(1, letter), untrusted(2, 'x'.repeat(limits.linkedCharsMax))],
      [],
      false,
    ],
    [
      'what the newest text said, where there is more than is looked through',
      [untrusted(2, letter), untrusted(1, 'x'.repeat(limits.linkedCharsMax))],
      ['/to', '/note', '/list/0'],
      false,
    ],
    ['nothing without any text', [], [], true],
  ])('finds %s', (_, texts, paths, isWhole) => {
    expect(untrustedArgumentsOf(input, texts, 10)).toEqual({ paths, isWhole });
  });

  it('names so many arguments and no more', () => {
    const many = Array.from({ length: 100 }, () => 'inv-2026-778');
    const { paths } = untrustedArgumentsOf(many, [untrusted(1, letter)], 10);
    expect(paths).toHaveLength(limits.linkedPathsMax);
  });
});

describe('hasEffect', () => {
  const tool = (effectClass: string): ToolFacts => ({
    effectClass,
    reversibility: 0,
    sensitivity: 0,
    blastRadius: 0,
  });

  it.each([
    ['a payment', {}, tool('money'), true],
    ['a write', {}, tool('write'), true],
    ['a tool that nobody registered', {}, null, false],
    ['the start of a call', { phase: 'start' as const }, tool('outbound'), true],
    ['a read', {}, tool('read'), false],
    ['the end of a call, whose start told of it', { phase: 'end' as const }, tool('money'), false],
    ['another body under the same id', { revision: 1 }, tool('money'), false],
    ['no call', { kind: 'llm_call' as const }, null, false],
  ])('%s', (_, event, facts, expected) => {
    expect(hasEffect(storedEvent(event), facts)).toBe(expected);
  });
});
