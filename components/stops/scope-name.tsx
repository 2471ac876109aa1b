import type { PlacedScope } from '#server/gate/contract.ts';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { nameScope, scopeWords } from './stop-words.ts';

/** Kinds whose names agents and callers choose: they must not pass for our own words. */
const foreignKinds: ReadonlySet<PlacedScope['kind']> = new Set(['session', 'tool', 'credential']);

/** What a stop covers, as a sentence names it. */
export function ScopeName({ scope }: { readonly scope: PlacedScope }) {
  if (!foreignKinds.has(scope.kind)) {
    return <span className="font-medium break-words">{nameScope(scope)}</span>;
  }
  return (
    <span>
      {scopeWords[scope.kind].word} <UntrustedInline text={scope.label} charsMax={60} />
    </span>
  );
}
