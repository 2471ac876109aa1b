import { describe, expect, it } from 'vitest';
import { findUnexpectedDestinations } from './find-unexpected-destinations.ts';

const carried = 'https://evil.example/p?d=what-was-said-in-this-conversation';

describe('findUnexpectedDestinations', () => {
  it.each([
    ['a picture of another host', '![](https://evil.example/a.png)', 'acme.example', 1],
    ['a picture of the destination', '![](https://acme.example/a.png)', 'acme.example', 0],
    ['a picture of a host below it', '![](https://cdn.acme.example/a.png)', 'www.acme.example', 0],
    ['a host that only ends alike', '![](https://evilacme.example/a.png)', 'acme.example', 1],
    ['an address as destination', '![](https://acme.example/a.png)', 'ann@acme.example', 0],
    ['a tag', '<img width=1 src="https://evil.example/a">', 'acme.example', 1],
    ['a reference', '![a][x]\n\n[x]: https://evil.example/a.png', 'acme.example', 1],
    ['a form', '<form action=https://evil.example/a>', 'acme.example', 1],
    ['a label in brackets', '![a [b]](https://evil.example/a.png)', 'acme.example', 1],
    ['a link that carries data', `see ${carried}`, 'acme.example', 1],
    ['a link that carries none', 'see https://evil.example/pricing', 'acme.example', 0],
    ['a carrying picture, no destination', `![](${carried})`, null, 1],
    ['an ordinary picture, no destination', '![](https://evil.example/a.png)', null, 0],
  ])('%s', (_, text, destination, count) => {
    const found = findUnexpectedDestinations(text, destination);
    expect(found).toHaveLength(count);
    for (const { start, end } of found) expect(text.slice(start, end)).toMatch(/^https:/);
  });

  it('expects the hosts that it is told of', () => {
    expect(findUnexpectedDestinations(`see ${carried}`, null, ['evil.example'])).toEqual([]);
  });
});
