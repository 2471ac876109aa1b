import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { processorMs } from '#server/testing/processor-ms.ts';
import { TracedText } from './internal/traced-text.ts';
import { neutraliseLinks } from './neutralise-links.ts';

function neutralise(text: string, kind: 'user_input' | 'tool_output' | 'output') {
  const traced = new TracedText(text);
  const findings = neutraliseLinks(traced, kind);
  return {
    text: traced.text,
    stretches: findings.map(({ start, end }) => text.slice(start, end)),
    findings,
  };
}

describe('neutraliseLinks', () => {
  it.each([
    ['a picture', '![logo](https://a.example/p?d=1)', '[picture "logo" removed: a.example]'],
    ['a picture without a name', '![](https://a.example/p)', '[picture removed: a.example]'],
    ['a link', '[here](https://a.example/x)', 'here (hxxps://a.example/x)'],
    ['a bare address', 'see http://a.example', 'see hxxp://a.example'],
    ['a script', 'a<script src="x">b</script>c', 'a[tag removed: script]b[tag removed: script]c'],
    ['a form', '<form action="/x">', '[tag removed: form]'],
    ['a running scheme', 'javascript:alert(1)', 'javascript alert(1)'],
    ['ordinary markup', '<p>one <b>two</b></p>', '<p>one <b>two</b></p>'],
  ])('of what a tool returns: %s', (_, text, expected) => {
    expect(neutralise(text, 'tool_output').text).toBe(expected);
  });

  it.each([
    ['brackets in the label', '![a [b]](https://a.example/p)'],
    ['an escaped bracket', '![a \\] b](https://a.example/p)'],
    ['code in the label', '![a `]` b](https://a.example/p)'],
    ['an angled address', '![a](<https://a.example/p q>)'],
    ['a long address', `![a](https://a.example/${'p'.repeat(9000)})`],
    ['a long title', `![a](https://a.example/p "${'t'.repeat(9000)}")`],
    ['an address on the next line', '![a](\nhttps://a.example/p\n)'],
    ['a long tag', `<img alt="${'a'.repeat(9000)}" src="https://a.example/p">`],
  ])('leaves of an output no picture that a reader would fetch: %s', (_, text) => {
    const once = neutralise(`Before ${text} after`, 'output');
    expect(once.findings).toHaveLength(1);
    expect(once.text).not.toMatch(/https:|!\[|<img/);
    expect(once.text).toMatch(/^Before .* after$/s);
  });

  it.each([
    ['![a][x]\n\n[x]: https://a.example/p', '![a][x]\n\n[x]: [address removed: a.example]'],
    ['![x]\n\n> [x]:\n> <https://a.example/p>', '![x]\n\n> [x]:\n> <[address removed: a.example]>'],
    ['<p style="background:url(//a.example)">', '<p style="background:url (//a.example)">'],
  ])('disarms the address that stands apart from its picture: %j', (text, expected) => {
    const once = neutralise(text, 'output');
    expect(once.text).toBe(expected);
    expect(once.findings).toHaveLength(1);
    expect(neutralise(expected, 'output').findings).toEqual([]);
  });

  it.each([
    ['what is no picture', 'wow![see] a list [1](https://a.example)'.replace('](', '] (')],
    ['a picture that a blank line ends', '![a\n\nb](https://a.example/p)'],
    ['a definition for links alone', '[a][x]\n\n[x]: https://a.example/p'],
    ['code', 'url(#gradient) and a[0](x) and x < img'],
  ])('leaves %s of an output as it is', (_, text) => {
    expect(neutralise(text, 'output').text).toBe(text);
  });

  it.each(['![', '![a](', '](', '![a](x ', '[', '[a](', '<img ', '[a]: ', '![a][b]\n'])(
    'stays linear on a megabyte of %j',
    (beginning) => {
      const text = beginning.repeat(1_000_000 / beginning.length);
      expect(processorMs(() => neutralise(text, 'tool_output'))).toBeLessThan(5000);
    },
  );

  it('takes only what is fetched from an output, and nothing from a user', () => {
    const text = '![](https://a.example/p) [here](https://a.example)';
    expect(neutralise(text, 'output').text).toBe(
      '[picture removed: a.example] [here](https://a.example)',
    );
    expect(neutralise(text, 'user_input').text).toBe(text);
  });

  it('leaves nothing to neutralise', () => {
    const text = '![a](http://x.example) <img src=x> [b](https://y.example)';
    const once = neutralise(text, 'tool_output').text;
    expect(neutralise(once, 'tool_output').text).toBe(once);
  });

  it('tells each thing that it removed or disarmed by its stretch of the original', () => {
    const text = '![a](https://x.example/p) [b](https://y.example) <img src=z> http://w.example';
    const { stretches, findings } = neutralise(text, 'tool_output');
    expect(stretches).toEqual([
      '![a](https://x.example/p)',
      '[b](https://y.example)',
      '<img src=z>',
      'http://',
    ]);
    expect(new Set(findings.map(({ type }) => type))).toEqual(new Set(['unexpected_destination']));
    expect(neutralise('plain words', 'tool_output').findings).toEqual([]);
    expect(neutralise(text, 'user_input').findings).toEqual([]);
  });

  it('tells a picture within a link once', () => {
    const { text, stretches } = neutralise(
      '[![a](https://x.example)](https://y.example)',
      'tool_output',
    );
    expect(text).not.toContain('https:');
    expect(stretches.join('')).toContain('![a](https://x.example)');
    expect(stretches.length).toBeLessThanOrEqual(2);
  });

  it('counts those beyond what it lists', () => {
    const { findings } = neutralise(
      'http://a.example '.repeat(limits.findingsPerTypeMax + 5),
      'tool_output',
    );
    expect(findings).toHaveLength(limits.findingsPerTypeMax);
    expect(findings.at(-1)?.detail).toContain('5 after it');
  });
});
