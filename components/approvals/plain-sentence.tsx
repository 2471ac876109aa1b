import { CircleAlert } from 'lucide-react';
import type { ApprovalDetail, OpenedArguments } from '#server/approvals/contract.ts';
import { classNames } from '../ui/class-names.ts';
import { UntrustedInline, UntrustedTokens } from '../ui/untrusted-text.tsx';
import { prepareSentence, type SentencePart } from './prepare-sentence.ts';

/** What the action would do, in one sentence; and under it what no sentence can say. */
export function PlainSentence(props: {
  readonly detail: ApprovalDetail;
  /** Null while the arguments are sealed. */
  readonly opened: OpenedArguments | null;
}) {
  const { detail, opened } = props;
  const { parts, open } = prepareSentence(detail, detail.toolFacts, opened);
  return (
    <div className="max-w-prose">
      <h2 className="text-lg leading-relaxed font-semibold tracking-tight break-words">
        {parts.map((part, index) => (
          <Part key={index} part={part} />
        ))}
      </h2>
      {open.length === 0 ? null : (
        <ul aria-label="What the sentence leaves open" className="mt-1.5 flex flex-col gap-1">
          {open.map(({ text, isOdd }) => (
            <li
              key={text}
              className={classNames(
                'flex items-start gap-1.5 text-xs',
                isOdd ? 'text-high' : 'text-ink-muted',
              )}
            >
              {isOdd ? <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" /> : null}
              {text}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Part({ part: { kind, text } }: { readonly part: SentencePart }) {
  if (kind === 'words') return text;
  if (kind === 'value') return <UntrustedInline text={text} charsMax={160} />;
  return (
    // Often copied from whoever made the tool.
    <bdi dir="ltr" className="font-mono text-[0.92em] font-normal text-ink-muted">
      <UntrustedTokens text={text} />
    </bdi>
  );
}
