import { CircleCheck, CircleDot, Eye } from 'lucide-react';
import type { AlertState, AlertVerdict } from '#server/detection/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';

const stateLooks: Readonly<
  Record<AlertState, { readonly word: string; readonly tone: BadgeTone; readonly Icon: typeof Eye }>
> = {
  open: { word: 'Open', tone: 'accent', Icon: CircleDot },
  acknowledged: { word: 'Acknowledged', tone: 'neutral', Icon: Eye },
  resolved: { word: 'Resolved', tone: 'ok', Icon: CircleCheck },
};

/** What each verdict says, in a word and in a sentence that helps to choose. */
export const verdictWords: Readonly<
  Record<AlertVerdict, { readonly word: string; readonly means: string }>
> = {
  true_positive: {
    word: 'True positive',
    means: 'It happened and it was harmful, or would have been.',
  },
  benign: { word: 'Benign', means: 'It happened as the rule says, and it was meant to.' },
  false_positive: { word: 'False positive', means: 'It did not happen: the rule is wrong here.' },
};

/** Name of a state, for menus and sentences. */
export function alertStateWord(state: AlertState): string {
  return stateLooks[state].word;
}

/** Where an alert stands, and once resolved, as what. */
export function AlertStateBadge(props: {
  readonly state: AlertState;
  readonly verdict?: AlertVerdict | null;
}) {
  const { word, tone, Icon } = stateLooks[props.state];
  const verdict = props.verdict ?? null;
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
      {verdict === null ? null : ` · ${verdictWords[verdict].word}`}
    </Badge>
  );
}
