import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { stopReasons } from './stop-words.ts';

const own: ReadonlySet<string> = new Set(stopReasons);

/** Why somebody stopped. What was picked from our list reads as ours; anything else is set apart. */
export function ReasonText({ reason }: { readonly reason: string }) {
  return own.has(reason) ? <span>{reason}</span> : <UntrustedInline text={reason} charsMax={160} />;
}
