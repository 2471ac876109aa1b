'use client';

import { useEffect, useEffectEvent, useRef } from 'react';

/** Stands at the end of something long and tells once that the person has had it in sight. */
export function SeenMark({ onSeen }: { readonly onSeen: () => void }) {
  const ref = useRef<HTMLSpanElement>(null);
  const tell = useEffectEvent(onSeen);
  useEffect(() => {
    const mark = ref.current;
    if (mark === null) return undefined;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      tell();
    });
    observer.observe(mark);
    return () => observer.disconnect();
  }, []);
  return <span ref={ref} aria-hidden className="block h-px w-full" />;
}
