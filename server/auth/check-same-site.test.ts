import { describe, expect, it } from 'vitest';
import { isSameSite, type RequestOrigin } from './check-same-site.ts';

const publicUrl = 'https://box.example';
const json = 'application/json';
const base: RequestOrigin = {
  method: 'POST',
  host: '127.0.0.1:3000',
  origin: undefined,
  secFetchSite: undefined,
  contentType: json,
};
const ask = (changes: Partial<RequestOrigin>) => isSameSite({ ...base, ...changes }, publicUrl);

describe('a change with a person’s cookie', () => {
  it.each<[string, Partial<RequestOrigin>, boolean]>([
    ['from our page', { secFetchSite: 'same-origin', origin: 'http://127.0.0.1:3000' }, true],
    ['from our page, Origin left out', { secFetchSite: 'same-origin' }, true],
    [
      'with a charset',
      { secFetchSite: 'same-origin', contentType: `${json}; charset=utf-8` },
      true,
    ],
    ['from an old browser, our host', { origin: 'http://127.0.0.1:3000' }, true],
    ['from an old browser, our public name', { origin: 'https://box.example' }, true],
    ['from another site', { secFetchSite: 'cross-site', origin: 'https://evil.example' }, false],
    [
      'from another site that claims our origin',
      { secFetchSite: 'cross-site', origin: publicUrl },
      false,
    ],
    ['from a sub-domain', { secFetchSite: 'same-site' }, false],
    ['typed into the address bar', { secFetchSite: 'none' }, false],
    ['that says nothing', {}, false],
    ['from nowhere', { origin: 'null' }, false],
    ['from another port', { origin: 'http://127.0.0.1:3001' }, false],
    ['from a name that begins like ours', { origin: 'https://box.example.evil.example' }, false],
    ['from a name with our name as user', { origin: 'https://box.example@evil.example' }, false],
    ['from no address at all', { origin: 'nonsense' }, false],
    ['from an empty host', { origin: 'file://', host: '' }, false],
    ['by a form', { secFetchSite: 'same-origin', contentType: 'text/plain' }, false],
    [
      'by a form of parts',
      { secFetchSite: 'same-origin', contentType: 'multipart/form-data' },
      false,
    ],
    ['by nearly JSON', { secFetchSite: 'same-origin', contentType: 'application/jsonp' }, false],
    [
      'by a type that hides JSON',
      { secFetchSite: 'same-origin', contentType: 'text/plain;application/json' },
      false,
    ],
    ['without a type', { secFetchSite: 'same-origin', contentType: undefined }, false],
  ])('%s', (_what, changes, isAllowed) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      expect(ask({ ...changes, method })).toBe(isAllowed);
    }
  });
});

describe('a read with a person’s cookie', () => {
  it.each<[string | undefined, boolean]>([
    ['same-origin', true],
    ['none', true],
    [undefined, true],
    ['same-site', false],
    ['cross-site', false],
    ['nonsense', false],
  ])('from %s', (secFetchSite, isAllowed) => {
    for (const method of ['GET', 'HEAD']) {
      expect(ask({ method, secFetchSite, contentType: undefined })).toBe(isAllowed);
    }
  });
});
