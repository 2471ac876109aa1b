import { describe, expect, it } from 'vitest';
import { readToolNames } from './read-tool-names.ts';

describe('readToolNames', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' , ,\n\n', []],
    ['send_money', ['send_money']],
    ['send_money, send_email', ['send_money', 'send_email']],
    ['send_money\nsend_email\n', ['send_money', 'send_email']],
    ['a,a, a ,b', ['a', 'b']],
    ['a tool, b', ['a tool', 'b']],
  ])('%j is %j', (text, names) => {
    expect(readToolNames(text)).toEqual(names);
  });
});
