import { describe, expect, it } from 'vitest';
import {
  definitionsOf,
  knownDefinitionsSchema,
  noDefinitions,
  noteDefinitions,
} from '#server/detection/tool-definitions.ts';
import { limits } from '#server/kernel/limits.ts';
import type { JsonObject } from '#server/telemetry/contract.ts';
import { storedEvent } from '#server/testing/stored-event.ts';

const given = (attributes: JsonObject) =>
  definitionsOf(storedEvent({ kind: 'llm_call', body: { attributes } }));

describe('definitionsOf', () => {
  it.each([
    [
      'OTel’s, as a text',
      { 'gen_ai.tool.definitions': '[{"type":"function","name":"pay","description":"d"}]' },
    ],
    ['OTel’s, as a list', { 'gen_ai.tool.definitions': [{ name: 'pay', description: 'd' }] }],
    ['a function inside', { 'gen_ai.tool.definitions': [{ function: { name: 'pay' } }] }],
    ['the AI SDK’s texts in a list', { 'ai.prompt.tools': ['{"name":"pay"}'] }],
    [
      'OpenInference’s',
      { 'llm.tools.0.tool.json_schema': '{"type":"function","function":{"name":"pay"}}' },
    ],
    [
      'OpenLLMetry’s',
      {
        'llm.request.functions.0.name': 'pay',
        'llm.request.functions.0.description': 'd',
        'llm.request.functions.0.parameters': '{}',
      },
    ],
  ])('reads %s', (_, attributes) => {
    expect([...given(attributes).keys()]).toEqual(['pay']);
  });

  it('tells another description of the same tool', () => {
    const digest = (description: string) =>
      given({
        'llm.request.functions.0.name': 'pay',
        'llm.request.functions.0.description': description,
      }).get('pay');
    expect(digest('a')).toBe(digest('a'));
    expect(digest('a')).not.toBe(digest('b'));
  });

  it.each([
    ['what is no JSON', { 'gen_ai.tool.definitions': '[{' }],
    ['what has no name', { 'gen_ai.tool.definitions': [{ description: 'd' }, null, 7] }],
    ['nothing', {}],
  ])('makes nothing of %s', (_, attributes) => {
    expect(given(attributes).size).toBe(0);
  });
});

describe('noteDefinitions', () => {
  const note = (known: typeof noDefinitions, tools: Record<string, string>) =>
    noteDefinitions(known, new Map(Object.entries(tools)));

  it('tells a changed definition once, and never a new one', () => {
    const first = note(noDefinitions, { pay: '1', mail: '1' });
    expect(first.changed).toEqual([]);
    const second = note(first.next, { pay: '2', mail: '1', search: '1' });
    expect(second.changed).toEqual(['pay']);
    const third = note(second.next, { pay: '2' });
    expect(third).toEqual({ next: second.next, changed: [] });
    expect(third.next).toBe(second.next);
    expect(knownDefinitionsSchema.parse(JSON.parse(JSON.stringify(third.next)))).toEqual(
      third.next,
    );
  });

  it('takes a tool that is named like something every object has for a tool', () => {
    const first = note(noDefinitions, { constructor: '1' });
    expect(first.changed).toEqual([]);
    expect(note(first.next, { constructor: '2' }).changed).toEqual(['constructor']);
  });

  it('remembers a bounded number', () => {
    const many = Object.fromEntries(
      Array.from({ length: limits.toolDefinitionsMax + 5 }, (_, at) => [`t${at}`, '1']),
    );
    expect(Object.keys(note(noDefinitions, many).next.digests)).toHaveLength(
      limits.toolDefinitionsMax,
    );
  });
});
