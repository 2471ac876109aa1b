import type { Scenario } from './scenario.ts';

const agent = 'coding-agent';
const model = 'claude-opus-5';

export const codingScenarios: readonly Scenario[] = [
  {
    name: 'fix-failing-test',
    agent,
    model,
    incident: null,
    steps: [
      {
        kind: 'user_message',
        afterMs: 0,
        tookMs: 5,
        trust: 'trusted',
        input: 'The {{module}} tests of {{repository}} fail since this morning. Please fix them.',
      },
      {
        kind: 'llm_call',
        afterMs: 80,
        tookMs: 1200,
        input: 'Plan the work.',
        output: 'Run the tests first, then read what fails.',
      },
      {
        kind: 'tool_call',
        name: 'run_tests',
        afterMs: 20,
        tookMs: 1600,
        trust: 'trusted',
        input: { path: 'src/{{module}}' },
        output: '{{tests}} passed, 1 failed: rounds half cents up ({{module}}.test.ts:{{line}})',
      },
      {
        kind: 'tool_call',
        name: 'read_file',
        afterMs: 40,
        tookMs: 15,
        trust: 'trusted',
        input: { path: 'src/{{module}}/round.ts' },
        output: 'export const round = (cents: number) => Math.trunc(cents);',
      },
      {
        kind: 'llm_call',
        afterMs: 20,
        tookMs: 2100,
        input: 'Why does it round down?',
        output: 'Math.trunc drops the half cent; Math.round keeps it.',
      },
      {
        kind: 'tool_call',
        name: 'write_file',
        afterMs: 30,
        tookMs: 20,
        trust: 'trusted',
        input: {
          path: 'src/{{module}}/round.ts',
          text: 'export const round = (cents: number) => Math.round(cents);',
        },
        output: { written: true },
      },
      {
        kind: 'tool_call',
        name: 'run_tests',
        afterMs: 30,
        tookMs: 1500,
        trust: 'trusted',
        input: { path: 'src/{{module}}' },
        output: '{{tests}} passed, 0 failed',
      },
      {
        kind: 'agent_message',
        afterMs: 30,
        tookMs: 5,
        output:
          'Fixed: half cents were dropped in `src/{{module}}/round.ts`. All {{tests}} tests pass.',
      },
    ],
  },
  {
    name: 'review-change',
    agent,
    model,
    incident: null,
    steps: [
      {
        kind: 'user_message',
        afterMs: 0,
        tookMs: 5,
        trust: 'trusted',
        input: 'Review {{colleague}}’s change to {{module}} in {{repository}}.',
      },
      {
        kind: 'tool_call',
        name: 'search_files',
        afterMs: 90,
        tookMs: 160,
        trust: 'trusted',
        input: { query: '{{module}} timeout', repository: '{{repository}}' },
        output: ['src/{{module}}/client.ts:{{line}}', 'src/{{module}}/retry.ts:21'],
      },
      {
        kind: 'tool_call',
        name: 'read_file',
        afterMs: 20,
        tookMs: 12,
        trust: 'trusted',
        input: { path: 'src/{{module}}/retry.ts' },
        output: 'for (let tries = 0; ; tries++) { await send(); }',
      },
      {
        kind: 'llm_call',
        afterMs: 20,
        tookMs: 2600,
        input: 'Is the retry bounded?',
        output: 'No: nothing ends the loop when the carrier stays down.',
      },
      {
        kind: 'agent_message',
        afterMs: 20,
        tookMs: 5,
        output:
          'One thing before merging: the retry in `src/{{module}}/retry.ts` has no bound. Five tries with a growing pause would do.',
      },
    ],
  },
];
