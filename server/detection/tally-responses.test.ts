import { expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { tallyResponses } from './tally-responses.ts';

const minuteMs = 60_000;
const alert = (eventId: string, minute: number) => ({
  eventId,
  count: 1,
  firstAt: minute * minuteMs,
  lastAt: minute * minuteMs,
});
const places = new Map([
  ['own', { agentId: 'a', isVerified: true }],
  ['other', { agentId: 'b', isVerified: true }],
  ['claimed', { agentId: 'a', isVerified: false }],
]);
const many = (count: number, minute: number) =>
  Array.from({ length: count }, () => alert('own', minute));

it.each([
  ['nothing', [], { agents: 0, taken: 0, capped: 0, claimed: 0 }],
  [
    'two agents',
    [alert('own', 0), alert('other', 1)],
    { agents: 2, taken: 2, capped: 0, claimed: 0 },
  ],
  [
    'claims do nothing',
    [alert('claimed', 0), alert('own', 1)],
    { agents: 1, taken: 1, capped: 0, claimed: 1 },
  ],
  [
    'what cannot be found any more does nothing',
    [alert('gone', 0)],
    { agents: 0, taken: 0, capped: 0, claimed: 1 },
  ],
  [
    'beyond the cap',
    many(limits.responsesPerHourMax + 3, 0),
    { agents: 1, taken: limits.responsesPerHourMax, capped: 3, claimed: 0 },
  ],
  [
    'an hour later it is free again',
    [...many(limits.responsesPerHourMax, 0), alert('other', 60), alert('own', 59)],
    { agents: 2, taken: limits.responsesPerHourMax + 1, capped: 1, claimed: 0 },
  ],
])('%s', (_name, alerts, expected) => {
  expect(tallyResponses('stop', alerts, places)).toEqual({ action: 'stop', ...expected });
});
