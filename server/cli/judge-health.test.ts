import { describe, expect, it } from 'vitest';
import {
  judgeAdmins,
  judgeClock,
  judgeDisk,
  judgeKeys,
  judgeLag,
  judgeMasterKey,
  judgeMigrations,
  judgeProcesses,
  judgeVersion,
  type SeenProcess,
  processesWithout,
} from './judge-health.ts';

const own = 'SECRET:aa MASTER_KEY:bb';
const seen = (change: Partial<SeenProcess> = {}): SeenProcess => ({
  role: 'web',
  host: 'one',
  fingerprints: own,
  silentSeconds: 2,
  ...change,
});

describe('judgeVersion', () => {
  it.each([
    [180_004, true],
    [170_000, true],
    [160_010, false],
    [90_624, false],
  ])('%i: %s', (version, ok) => {
    expect(judgeVersion(version, 17).ok).toBe(ok);
  });
});

describe('judgeMigrations', () => {
  it.each([
    [4, 4, true, 'all 4'],
    [3, 4, false, '1 migration to apply; run "signalbox migrate"'],
    [1, 4, false, '3 migrations'],
    [5, 4, false, 'newer than this checkout'],
  ])('%i of %i', (applied, known, ok, detail) => {
    const check = judgeMigrations(applied, known);
    expect(check.ok).toBe(ok);
    expect(check.detail).toContain(detail);
  });
});

describe('judgeClock', () => {
  it.each([
    [0, true, '0 ms'],
    [1_999, true, '1999 ms'],
    [-2_000, true, '2000 ms'],
    [2_001, false, '2.0 s ahead of'],
    [-60_000, false, '60.0 s behind'],
  ])('%i ms', (difference, ok, detail) => {
    const check = judgeClock(difference);
    expect(check.ok).toBe(ok);
    expect(check.detail).toContain(detail);
  });
});

describe('judgeProcesses', () => {
  it.each([
    ['both', [seen(), seen({ role: 'worker' })], true, '1 web and 1 worker live'],
    [
      'two workers',
      [seen(), seen({ role: 'worker' }), seen({ role: 'worker' })],
      true,
      '2 workers',
    ],
    ['no worker', [seen()], false, 'no worker lives'],
    ['a silent worker', [seen(), seen({ role: 'worker', silentSeconds: 31 })], false, 'no worker'],
    ['none', [], false, 'no web and no worker'],
  ])('%s', (_name, processes, ok, detail) => {
    const check = judgeProcesses(processes);
    expect(check.ok).toBe(ok);
    expect(check.detail).toContain(detail);
  });
});

describe('judgeKeys', () => {
  it.each([
    ['the same everywhere', own, [seen(), seen({ host: 'two' })], true, 'same'],
    ['nobody else', own, [], true, 'same'],
    ['none here', null, [seen()], false, 'missing'],
    [
      'another master key',
      own,
      [seen({ host: 'two', fingerprints: 'SECRET:aa MASTER_KEY:cc' })],
      false,
      'MASTER_KEY of web on two',
    ],
    [
      'another one that has long been silent',
      own,
      [seen({ fingerprints: 'SECRET:zz', silentSeconds: 3600 })],
      true,
      'same',
    ],
  ])('%s', (_name, ours, processes, ok, detail) => {
    const check = judgeKeys(ours, processes);
    expect(check.ok).toBe(ok);
    expect(check.detail).toContain(detail);
  });
});

describe('an exchange of the master key', () => {
  const both = `${own} MASTER_KEY_PREVIOUS:dd`;
  const during = 'SECRET:aa MASTER_KEY:dd MASTER_KEY_PREVIOUS:bb';
  it.each([
    ['one that knows both', own, [seen({ fingerprints: during })], false],
    ['here both, there the former alone', during, [seen({ fingerprints: own })], true],
    ['both everywhere, either first', during, [seen({ fingerprints: both })], true],
    ['the former file left behind after it', own, [seen({ fingerprints: both })], true],
    ['a third', during, [seen({ fingerprints: 'SECRET:aa MASTER_KEY:ee' })], false],
  ])('keys: %s', (_name, ours, processes, ok) => {
    expect(judgeKeys(ours, processes).ok).toBe(ok);
  });

  it.each([
    [[], ['k2'], true, 'no process'],
    [['k1'], ['k1'], true, 'k1 wraps'],
    [['k1'], ['k2', 'k1'], true, 'not in use yet'],
    [['k1', 'k2'], ['k2', 'k1'], false, 'not finished'],
    [['k2'], ['k1'], false, 'not here'],
    [['k1'], null, false, 'cannot be read'],
  ])('registered %j, held %j: %s', (registered, held, ok, detail) => {
    const check = judgeMasterKey(registered, held);
    expect(check.ok).toBe(ok);
    expect(check.detail).toContain(detail);
  });

  it('names the living processes that do not know a key', () => {
    const processes = [
      seen({ host: 'both', fingerprints: during }),
      seen({ host: 'former', fingerprints: own }),
      seen({ host: 'dead', fingerprints: own, silentSeconds: 31 }),
    ];
    expect(processesWithout('dd', processes)).toEqual(['web on former']);
    expect(processesWithout('bb', processes)).toEqual([]);
  });
});

describe('judgeDisk', () => {
  it.each([
    [10 * 1024 ** 3, true],
    [2 * 1024 ** 3, true],
    [2 * 1024 ** 3 - 1, false],
    [0, false],
  ])('%i bytes: %s', (free, ok) => {
    expect(judgeDisk(free, '/data').ok).toBe(ok);
  });
});

describe('judgeLag', () => {
  const lag = (consumer: string, behindSeconds: number) => ({
    consumer,
    tenant: 't',
    behindSeconds,
  });
  it.each([
    ['nothing to read', [], true, '0.0 s'],
    ['near', [lag('detector', 0.3), lag('indexer', 2)], true, '2.0 s'],
    ['at the bound', [lag('detector', 30)], true, '30.0 s'],
    ['one late', [lag('detector', 0), lag('indexer', 95)], false, 'indexer of t by 95 s'],
  ])('%s', (_name, lags, ok, detail) => {
    const check = judgeLag(lags);
    expect(check.ok).toBe(ok);
    expect(check.detail).toContain(detail);
  });
});

describe('judgeAdmins', () => {
  it.each([
    ['no tenant', [], false, 'tenant create'],
    [
      'one without',
      [
        ['a', 2],
        ['b', 0],
      ],
      false,
      'administer b',
    ],
    [
      'one alone',
      [
        ['a', 2],
        ['b', 1],
      ],
      true,
      'one only in b',
    ],
    ['all well', [['a', 2]], true, 'every tenant'],
  ] as const)('%s', (_name, admins, ok, detail) => {
    const check = judgeAdmins(new Map(admins));
    expect(check.ok).toBe(ok);
    expect(check.detail).toContain(detail);
  });
});
