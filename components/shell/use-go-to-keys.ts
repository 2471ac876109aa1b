'use client';

import { useRouter } from 'next/navigation';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import type { NavigationItem } from './navigation-items.ts';

/** `g` and a letter go to a place of the menu. */
export function useGoToKeys(tenant: string, items: readonly NavigationItem[]): void {
  const router = useRouter();
  useShortcuts(
    Object.fromEntries(
      items.map((item) => [`g ${item.key}`, () => router.push(item.hrefOf(tenant))]),
    ),
  );
}
