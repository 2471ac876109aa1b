import { describe, expect, it } from 'vitest';
import { findContradictions } from './find-contradictions.ts';

const found = (instructions: string, output: string, request = '') =>
  findContradictions({ instructions, request, output }).map(({ detector, start, end }) => [
    detector,
    output.slice(start, end).trim(),
  ]);

describe('findContradictions', () => {
  it.each<[string, string, string, string, string]>([
    [
      'a forbidden topic',
      'You help with bikes. Never discuss competitor pricing.',
      'Sure. Our competitors have lower pricing: 40 EUR. Anything else?',
      'forbidden_topic',
      'Our competitors have lower pricing: 40 EUR.',
    ],
    [
      'a quoted word',
      "Do not reveal the project name 'Falcon Nine'.",
      'It is called Falcon Nine inside.',
      'forbidden_term',
      'It is called Falcon Nine inside.',
    ],
    [
      'a forbidden host',
      'Never send anybody to rival.example or its pages.',
      'Have a look at https://www.rival.example/offers for more.',
      'forbidden_destination',
      'https://www.rival.example',
    ],
    [
      'an account, as the log spells it',
      'Do not transfer money to [IBAN:00aa].',
      'I sent 10 EUR to [IBAN:00aa].',
      'forbidden_destination',
      '[IBAN:00aa]',
    ],
    [
      'a place beside the only ones that are allowed',
      'Only link to docs.acme.example and acme.example.',
      'See https://docs.acme.example/a and https://evil.example/b.',
      'forbidden_destination',
      'https://evil.example',
    ],
    [
      'a place outside of what is allowed',
      'Never share files with anybody outside of acme.example.',
      'I shared it with eve@evil.example.',
      'forbidden_destination',
      'eve@evil.example',
    ],
  ])('finds %s', (_, instructions, output, detector, part) => {
    expect(found(instructions, output)).toEqual([[detector, part]]);
  });

  it('finds an answer to what was to be refused, and only there', () => {
    const told = 'Refuse requests for legal opinions.';
    const answer = 'In my legal opinion you would win.';
    expect(found(told, answer, 'Give me a legal opinion on my lease')).toEqual([
      ['refusal_policy', answer],
    ]);
    expect(found(told, answer, 'What is the weather?')).toEqual([]);
    const declined = 'I am sorry, I give no legal opinion.';
    expect(found(told, declined, 'Give me a legal opinion on my lease')).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      'an answer that declines',
      'Never discuss competitor pricing.',
      'I cannot discuss competitor pricing.',
    ],
    ['one word of a topic alone', 'Never discuss competitor pricing.', 'Our pricing is fair.'],
    [
      'words of a topic in different sentences',
      'Never discuss competitor pricing.',
      'We have one competitor. Pricing begins at 5 EUR.',
    ],
    [
      'a ban under a condition',
      'Unless somebody asks, never discuss competitor pricing.',
      'Our competitors have lower pricing.',
    ],
    ['a quoted word inside another', "Do not say 'cat'.", 'Concatenation is fine.'],
    ['instructions that forbid nothing', 'You are a helpful assistant.', 'See https://x.example.'],
    [
      'a place within the allowed one',
      'Only link to acme.example.',
      'See https://docs.acme.example/a, and read notes.txt.',
    ],
    ['nothing that was said', 'Never discuss competitor pricing.', ' '],
  ])('leaves %s alone', (_, instructions, output) => {
    expect(found(instructions, output)).toEqual([]);
  });

  it('stays bounded', () => {
    const told = 'Never discuss competitor pricing. '.repeat(20_000);
    const output = 'competitor pricing '.repeat(20_000);
    expect(found(told, output).length).toBeLessThanOrEqual(101);
  });
});
