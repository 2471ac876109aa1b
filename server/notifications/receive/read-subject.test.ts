import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { caepType, credentialChange, sessionRevoked } from '#server/testing/test-transmitter.ts';
import { oneLine, readEvent } from './read-event.ts';
import { readSubject } from './read-subject.ts';

const us = { issuer: 'https://ours.example', tenantId: 'ten_ours' };
const opaque = (id: string) => ({ format: 'opaque', id });
const mine = (sub: string) => ({ format: 'iss_sub', iss: us.issuer, sub });
const theirs = { format: 'iss_sub', iss: 'https://theirs.example', sub: 'payer' };
const email = { format: 'email', email: 'ada@example.test' };
const complex = (members: object) => ({ format: 'complex', ...members });
const named = (name: string, sessionId: string | null = null) => ({
  kind: 'name',
  name,
  sessionId,
});
const foreign = { kind: 'foreign' };
const unreadable = { kind: 'unreadable' };

describe('readSubject', () => {
  it.each<[string, unknown, object]>([
    ['our issuer', mine('agt_1'), named('agt_1')],
    ['another issuer', theirs, foreign],
    ['opaque', opaque('payer'), named('payer')],
    ['an e-mail', email, { kind: 'email', email: 'ada@example.test' }],
    ['a user', complex({ user: email }), { kind: 'email', email: 'ada@example.test' }],
    ['an application', complex({ application: mine('payer') }), named('payer')],
    [
      'an application of ours',
      complex({ tenant: opaque('ten_ours'), application: mine('a') }),
      named('a'),
    ],
    [
      'an application of another tenant',
      complex({ tenant: opaque('ten_x'), application: mine('a') }),
      foreign,
    ],
    [
      'an application of a tenant elsewhere',
      complex({ tenant: theirs, application: mine('a') }),
      foreign,
    ],
    [
      'a session',
      complex({ tenant: opaque('ten_ours'), session: opaque('run-7') }),
      { kind: 'session', sessionId: 'run-7' },
    ],
    [
      'a session of an agent',
      complex({ application: mine('a'), session: opaque('s') }),
      named('a', 's'),
    ],
    ['a session elsewhere', complex({ session: theirs }), foreign],
    ['a session of a person', complex({ user: email, session: opaque('s') }), unreadable],
    ['a device of a person', complex({ user: email, device: opaque('d') }), unreadable],
    ['a user of an application', complex({ user: email, application: mine('a') }), unreadable],
    ['a group', complex({ tenant: opaque('ten_ours'), group: opaque('tree:a') }), unreadable],
    ['the whole tenant', complex({ tenant: opaque('ten_ours') }), unreadable],
    ['nobody', complex({}), unreadable],
    ['one inside another', complex({ user: complex({ user: email }) }), unreadable],
    ['another format', { format: 'phone_number', phone_number: '+1' }, unreadable],
    ['a text', 'payer', unreadable],
    ['nothing', null, unreadable],
    ['an empty id', opaque(''), unreadable],
    ['an id without end', opaque('x'.repeat(513)), unreadable],
  ])('reads %s', (_name, value, expected) => {
    expect(readSubject(value, us)).toMatchObject(expected);
  });
});

describe('readEvent', () => {
  const eventOf = (events: object, subject: unknown = email) => {
    const [[type, payload] = ['', {}]] = Object.entries(events);
    return readEvent({ jti: 'x', issuedAtMs: 0, type, payload, subject });
  };
  const session = (payload: object) => ({ [`${caepType}/session-revoked`]: payload });
  it.each<[string, object, object]>([
    ['a revoked session', sessionRevoked, { kind: 'session_revoked', reason: null }],
    [
      'its reason, in English',
      session({ reason_admin: { de: 'weg', en: 'gone' } }),
      { kind: 'session_revoked', reason: 'gone' },
    ],
    ['a reason in another language', session({ reason_admin: { de: 'weg' } }), { reason: 'weg' }],
    ['a revoked credential', credentialChange('revoke'), { isDeath: true }],
    ['a deleted one', credentialChange('delete'), { isDeath: true }],
    ['a new one', credentialChange('create'), { isDeath: false }],
    ['a changed one', credentialChange('update'), { isDeath: false }],
    ['another type', { [`${caepType}/device-compliance-change`]: {} }, { kind: 'unknown' }],
  ])('reads %s', (_name, events, expected) => {
    expect(eventOf(events).value).toMatchObject(expected);
  });

  it.each<[string, object]>([
    ['a time in words', session({ event_timestamp: 'now' })],
    ['a reason that is a text', session({ reason_admin: 'gone' })],
    ['somebody unknown who began it', session({ initiating_entity: 'nobody' })],
    ['a change that there is not', credentialChange('expire')],
    ['a change of nothing', { [`${caepType}/credential-change`]: {} }],
  ])('refuses %s', (_name, events) => {
    expect(eventOf(events).refusal?.err).toBe('invalid_request');
  });

  it('refuses an event about nobody, but not one that it does not know', () => {
    expect(eventOf(sessionRevoked, null).refusal?.err).toBe('invalid_request');
    expect(eventOf({ 'urn:x': {} }, null).value).toMatchObject({ kind: 'unknown' });
  });
});

describe('oneLine', () => {
  it('keeps nothing that ends a line, hides, turns around or cannot be stored', () => {
    expect(oneLine('a\u0000b\nc\u202Ed\u200Be\u{D800}', 99)).toBe('a�b�c�d�e�');
    const cut = oneLine('😀'.repeat(limits.securityEventReasonCharsMax), 10);
    expect(cut.length).toBeLessThanOrEqual(10);
    expect(cut.isWellFormed()).toBe(true);
  });
});
