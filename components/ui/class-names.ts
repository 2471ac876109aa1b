import { clsx, type ClassValue } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

// The type scale of app/globals.css; without it a size would be taken for a text colour.
const merge = extendTailwindMerge({
  extend: { theme: { text: ['2xs', 'xs', 'sm', 'md', 'lg', 'xl', '2xl'] } },
});

/** Joins class names, the later of two that set the same property winning. Falsy ones are left out. */
export function classNames(...values: ClassValue[]): string {
  return merge(clsx(values));
}
