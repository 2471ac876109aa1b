import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
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
