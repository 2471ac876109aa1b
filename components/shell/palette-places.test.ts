import { existsSync, globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { permissionNameSchema } from '#server/auth/contract.ts';
import { navigationItems } from './navigation-items.ts';
import { palettePlaces, palettePlacesFor } from './palette-places.ts';

const app = new URL('../../app/', import.meta.url);
const pathOf = (href: string) => href.split('?')[0]?.replace('/t/demo', 't/[tenant]') ?? '';

describe('palettePlaces', () => {
  it.each(palettePlaces.map((place) => [place.id, place] as const))(
    '%s leads to a page and asks for a permission that exists',
    (_, place) => {
      const path = pathOf(place.hrefOf('demo'));
      expect(existsSync(new URL(`${path}/page.tsx`, app)), path).toBe(true);
      const { permission } = place;
      expect(permission === null || permissionNameSchema.safeParse(permission).success).toBe(true);
    },
  );

  it('with the menu lead to every page of a tenant that needs no id in its path', () => {
    const reached = [...navigationItems, ...palettePlaces].map(({ hrefOf }) =>
      pathOf(hrefOf('demo')),
    );
    const pages = globSync('t/**/page.tsx', { cwd: app }).map((file) =>
      file.replace('/page.tsx', ''),
    );
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.filter((page) => !page.endsWith('[trace]') && !reached.includes(page))).toEqual(
      [],
    );
  });

  it('are shown by what each needs', () => {
    const ids = (permissions: readonly string[]) =>
      palettePlacesFor(permissions).map((place) => place.id);
    expect(ids([])).toEqual(['settings-account']);
    expect(ids(['stops.read', 'keys.read'])).toEqual([
      'drills',
      'settings-keys',
      'settings-account',
    ]);
  });
});
