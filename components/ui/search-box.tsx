'use client';

import { Search, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { classNames } from './class-names.ts';
import { controlLook } from './control-look.ts';
import { Kbd } from './kbd.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/**
 * A search field that `/` reaches. It searches when Enter is pressed or the field is cleared, so
 * that half a word is never sent. `value` is what the list is searched for now (keep it in the URL).
 */
export function SearchBox(props: {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (value: string) => void;
  readonly placeholder?: string;
  readonly charsMax?: number;
  readonly className?: string;
}) {
  const inputRef = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState({ of: props.value, text: props.value });
  const text = draft.of === props.value ? draft.text : props.value;
  useShortcuts({ '/': () => inputRef.current?.focus() });
  const clear = () => {
    setDraft({ of: '', text: '' });
    props.onSearch('');
    inputRef.current?.focus();
  };
  return (
    <search className={classNames('relative block min-w-0', props.className)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onSearch(text.trim());
        }}
      >
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-ink-faint"
        />
        <input
          ref={inputRef}
          type="text"
          inputMode="search"
          enterKeyHint="search"
          aria-label={props.label}
          placeholder={props.placeholder ?? props.label}
          value={text}
          maxLength={props.charsMax ?? 500}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setDraft({ of: props.value, text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') inputRef.current?.blur();
          }}
          className={classNames(controlLook, 'h-8 pr-8 pl-8 pointer-coarse:h-10')}
        />
        <span className="absolute inset-y-0 right-1.5 flex items-center">
          {text === '' ? (
            <span className="pointer-coarse:hidden">
              <Kbd>/</Kbd>
            </span>
          ) : (
            <button
              type="button"
              aria-label="Clear the search"
              onClick={clear}
              className="flex size-6 items-center justify-center rounded text-ink-muted hover:bg-ink/8"
            >
              <X aria-hidden className="size-3.5" />
            </button>
          )}
        </span>
      </form>
    </search>
  );
}
