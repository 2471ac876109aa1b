import { classNames } from '../ui/class-names.ts';

/** A signal post with its arm: the product's mark. Decoration; the name stands beside it. */
export function BrandMark({ className }: { readonly className?: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 20 20"
      fill="none"
      className={classNames('size-5 text-accent', className)}
    >
      <path
        d="M14.5 2v16M11.5 18h6"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
      />
      <path d="M14.5 4.5 3 7v3.5l11.5-1z" fill="currentColor" />
      <circle
        cx="14.5"
        cy="13.75"
        r="2"
        fill="var(--color-canvas)"
        stroke="currentColor"
        strokeWidth="1.5"
      />
    </svg>
  );
}
