'use client';

import { createContext, type ReactNode, useContext } from 'react';

/** What this person may do about containments, told by the server's own table. */
export interface ContainmentRules {
  /** Why they may not contain an agent; null when they may. */
  readonly beginRefusal: string | null;
  /** Why they may not take on a cut; null when they may. */
  readonly confirmRefusal: string | null;
  /** Why they may not release; null when they may. */
  readonly releaseRefusal: string | null;
  /** Why they may not take evidence away; null when they may. */
  readonly evidenceRefusal: string | null;
  readonly reasonCharsMax: number;
}

const unknown = 'What you may do is not known here.';
const Context = createContext<ContainmentRules>({
  beginRefusal: unknown,
  confirmRefusal: unknown,
  releaseRefusal: unknown,
  evidenceRefusal: unknown,
  reasonCharsMax: 0,
});

/** The rules of this person, for containments on any page below. */
export function ContainmentRulesProvider(props: {
  readonly rules: ContainmentRules;
  readonly children: ReactNode;
}) {
  return <Context value={props.rules}>{props.children}</Context>;
}

export function useContainmentRules(): ContainmentRules {
  return useContext(Context);
}
