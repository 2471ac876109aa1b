import { describe, expect, it } from 'vitest';
import { neutraliseLinks } from './neutralise-links.ts';

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
    expect(neutraliseLinks(text, 'tool_output')).toBe(expected);
  });

  it('takes only what is fetched from an output, and nothing from a user', () => {
    const text = '![](https://a.example/p) [here](https://a.example)';
    expect(neutraliseLinks(text, 'output')).toBe(
      '[picture removed: a.example] [here](https://a.example)',
    );
    expect(neutraliseLinks(text, 'user_input')).toBe(text);
  });

  it('leaves nothing to neutralise', () => {
    const text = '![a](http://x.example) <img src=x> [b](https://y.example)';
    const once = neutraliseLinks(text, 'tool_output');
    expect(neutraliseLinks(once, 'tool_output')).toBe(once);
  });
});
