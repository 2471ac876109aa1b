'use client';

import { Autocomplete } from '@base-ui/react/autocomplete';
import { useEffect, useRef } from 'react';
import { classNames } from './class-names.ts';
import { controlLook } from './control-look.ts';
import { itemLook, popupLook } from './popup-look.ts';

/**
 * One line of text with names to choose from as one types; what is typed counts, whether suggested or
 * not. The suggestions are drawn as they are given: filter and bound them outside.
 */
export function SuggestInput(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly suggestions: readonly string[];
  readonly placeholder?: string;
  readonly charsMax: number;
  /** It takes the focus when it comes: somebody has just asked for it. */
  readonly takesFocus?: boolean;
  readonly className?: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  const { takesFocus = false } = props;
  useEffect(() => {
    if (takesFocus) input.current?.focus();
  }, [takesFocus]);
  return (
    <Autocomplete.Root
      items={[...props.suggestions]}
      value={props.value}
      onValueChange={(value) => props.onChange(value)}
      openOnInputClick
    >
      <Autocomplete.Input
        ref={input}
        aria-label={props.label}
        placeholder={props.placeholder}
        maxLength={props.charsMax}
        spellCheck={false}
        autoComplete="off"
        className={classNames(
          controlLook,
          'h-8 px-2.5 pointer-coarse:h-10 pointer-coarse:text-lg',
          props.className,
        )}
      />
      <Autocomplete.Portal>
        <Autocomplete.Positioner className="z-50 outline-none" sideOffset={4}>
          <Autocomplete.Popup className={classNames(popupLook, 'w-(--anchor-width)')}>
            <Autocomplete.List className="max-h-[min(var(--available-height),16rem)] overflow-y-auto">
              {(name: string) => (
                <Autocomplete.Item key={name} value={name} className={itemLook}>
                  <span className="min-w-0 truncate">{name}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  );
}
