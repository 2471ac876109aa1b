'use client';

import { useEffect, useState } from 'react';

/** Nobody presses what has only just come under the pointer. */
const armingMs = 600;

/**
 * False for 600 ms after anything that `layout` names has changed: a button that moved, or whose
 * meaning changed, must not catch a press that was meant for something else.
 */
export function useArming(layout: string): boolean {
  const [armed, setArmed] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setArmed(layout), armingMs);
    return () => clearTimeout(timer);
  }, [layout]);
  return armed === layout;
}
