import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { permissionNameSchema } from '#server/auth/contract.ts';
import { navigationFor, navigationItems, placeOf } from './navigation-items.ts';

describe('navigationItems', () => {
  it('name permissions that exist, and keys and ids once each', () => {
    for (const item of navigationItems) {
      if (item.permission === null) continue;
      expect(permissionNameSchema.safeParse(item.permission).success, item.id).toBe(true);
    }
    const keys = navigationItems.map((item) => item.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the menu', () => {
  it.each(navigationItems.map((item) => [item.id, item] as const))(
    '%s leads to a page',
    (_, item) => {
      const path = item.hrefOf('demo').split('?')[0]?.replace('/t/demo', '/t/[tenant]') ?? '';
      expect(existsSync(new URL(`../../app${path}/page.tsx`, import.meta.url)), path).toBe(true);
    },
  );
});

describe('navigationFor', () => {
  const ids = (permissions: readonly string[]) => navigationFor(permissions).map((item) => item.id);
  it('shows a person without permissions only the overview and their own settings', () => {
    expect(ids([])).toEqual(['overview', 'settings']);
  });
  it('shows what each permission opens, in the order of the menu', () => {
    expect(ids(['audit.read', 'alerts.read'])).toEqual(['overview', 'alerts', 'audit', 'settings']);
  });
});

describe('placeOf', () => {
  it.each([
    ['/t/demo', 'overview'],
    ['/t/demo/alerts', 'alerts'],
    ['/t/demo/traces/4bf92f', 'traces'],
    ['/t/demo/stops', 'stops'],
    ['/t/demo/settings/keys', 'settings'],
    ['/t/demo/settings', 'settings'],
    ['/t/other', null],
    ['/t/demo/nothing', null],
    ['/t/demo/alertsx', null],
    ['/', null],
  ])('%s lies in %j', (path, id) => {
    expect(placeOf(path, 'demo', navigationItems)?.id ?? null).toBe(id);
  });
});
