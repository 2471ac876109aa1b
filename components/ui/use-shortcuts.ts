'use client';

import { useEffect, useEffectEvent } from 'react';
import { tinykeys } from 'tinykeys';
import { useDisplaySettings } from './display-settings-provider.tsx';

/** Keys in tinykeys' notation (`j`, `g a`, `[Shift]+?`) and what they do. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const typingSelector =
  'input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=""], [contenteditable="true"], [role=combobox], [role=textbox]';
const pressingSelector = 'a[href], button, summary, [role=button], [role=menuitem], [role=option]';

/** `g` begins a go-to sequence; the key pressed next within this time is its second key only. */
const sequenceKey = 'g';
const sequenceMs = 1000;
const sequence = { startedAtMs: Number.NEGATIVE_INFINITY, secondAtMs: Number.NEGATIVE_INFINITY };

/** Runs before every handler of a key press. */
function noteSequence(event: KeyboardEvent): void {
  if (event.timeStamp === sequence.secondAtMs || event.timeStamp === sequence.startedAtMs) return;
  const isPending = event.timeStamp - sequence.startedAtMs < sequenceMs;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isPending) {
    sequence.secondAtMs = event.timeStamp;
    sequence.startedAtMs = Number.NEGATIVE_INFINITY;
  } else if (event.key === sequenceKey && isPlain && !isTaken(event)) {
    sequence.startedAtMs = event.timeStamp;
  }
}

/** Whether this key press is the second of a sequence, so that the key alone means nothing. */
function isSecondKey(shortcut: string, event: KeyboardEvent): boolean {
  return !shortcut.includes(' ') && event.timeStamp === sequence.secondAtMs;
}

/** True while single keys belong to something else: a text field, or an open dialog or menu. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.isComposing || event.defaultPrevented) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (target !== null && target.closest(typingSelector) !== null) return true;
  // A toast calls itself a dialog, but takes nothing from the page.
  const layers = '[role=dialog]:not([data-closed], [data-toast]), [role=menu], [role=listbox]';
  if (document.querySelector(layers) !== null) return true;
  // Enter and Space press what has the focus; a page-wide meaning must not steal them.
  const isPress = event.key === 'Enter' || event.key === ' ';
  return isPress && target !== null && target.closest(pressingSelector) !== null;
}

function bind(keys: readonly string[], run: (key: string, event: KeyboardEvent) => void) {
  const handlers = keys.map((key) => {
    return [key, (event: KeyboardEvent) => run(key, event)] as const;
  });
  return tinykeys(window, Object.fromEntries(handlers), { ignore: () => false });
}

/**
 * Single-key shortcuts of what is on screen: ignored while typing, inside dialogs and menus, and
 * when the person has switched single keys off. The set of keys must not change between renders;
 * what they do may.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const { settings } = useDisplaySettings();
  const run = useEffectEvent((key: string, event: KeyboardEvent) => {
    if (isTaken(event) || isSecondKey(key, event)) return;
    const handler = shortcuts[key];
    if (handler === undefined) return;
    event.preventDefault();
    handler(event);
  });
  const names = Object.keys(shortcuts).join('\n');
  const isOn = settings.keys === 'on';
  useEffect(() => {
    if (!isOn) return undefined;
    const keys = names === '' ? [] : names.split('\n');
    const unbind = bind(keys, run);
    window.addEventListener('keydown', noteSequence, { capture: true });
    return () => {
      unbind();
      window.removeEventListener('keydown', noteSequence, { capture: true });
    };
  }, [names, isOn]);
}

/** A chord with Ctrl or ⌘, which works everywhere, also while typing: `useChord('$mod+k', open)`. */
export function useChord(chord: string, onPress: () => void): void {
  const press = useEffectEvent(onPress);
  useEffect(
    () =>
      tinykeys(
        window,
        {
          [chord]: (event: KeyboardEvent) => {
            event.preventDefault();
            press();
          },
        },
        { ignore: () => false },
      ),
    [chord],
  );
}
