'use client';

import NextLink from 'next/link';
import { useRouter } from 'next/navigation';
import type { ComponentProps } from 'react';

type LinkProps = Omit<ComponentProps<typeof NextLink>, 'href' | 'prefetch'> & {
  readonly href: string;
};

/**
 * A link to a page of the product. The page is fetched ahead once a pointer or the keyboard comes to
 * it, and not because it is in sight: every page would ask for a dozen others, each drawn by the
 * server for nobody.
 */
export function Link({ href, onMouseEnter, onFocus, ...props }: LinkProps) {
  const router = useRouter();
  return (
    <NextLink
      {...props}
      href={href}
      prefetch={false}
      onMouseEnter={(event) => {
        onMouseEnter?.(event);
        router.prefetch(href);
      }}
      onFocus={(event) => {
        onFocus?.(event);
        router.prefetch(href);
      }}
    />
  );
}
