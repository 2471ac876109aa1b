'use client';

import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type Completion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useDocumentNonce } from './ui-provider.tsx';

/** Something wrong at a place of the text. Lines and columns start at 1; null for the whole of it. */
export interface CodeProblem {
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** What may stand at the cursor: replaces the text from `from` (a column, from 0) to the cursor. */
export interface CodeCompletion {
  readonly from: number;
  readonly options: readonly { readonly label: string; readonly detail?: string }[];
}

interface CodeEditorProps {
  /** What the text is called, for screen readers. */
  readonly label: string;
  /** The text to begin with; later ones replace it only under another `key`. */
  readonly initial: string;
  readonly onChange: (text: string) => void;
  readonly problems: readonly CodeProblem[];
  /** Asked with the lines down to the cursor, the last one up to it; null for nothing. */
  readonly complete: (lines: readonly string[]) => CodeCompletion | null;
  readonly isReadOnly?: boolean;
}

/** Colours by the names of our theme, so that day and night follow the page. */
const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--color-accent)' },
  { tag: [tags.string, tags.content], color: 'var(--color-ink)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--color-low)' },
  { tag: [tags.comment, tags.meta], color: 'var(--color-ink-faint)' },
  { tag: [tags.separator, tags.punctuation], color: 'var(--color-ink-muted)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '12px', backgroundColor: 'var(--color-sunken)' },
  '&.cm-focused': { outline: '2px solid var(--color-accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--color-ink)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--color-ink)' },
  '.cm-gutters': {
    backgroundColor: 'var(--color-sunken)',
    color: 'var(--color-ink-faint)',
    borderRight: '1px solid var(--color-line)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { background: 'color-mix(in oklab, var(--color-accent) 25%, transparent)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--color-raised)',
    color: 'var(--color-ink)',
    border: '1px solid var(--color-line-strong)',
    borderRadius: '4px',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--color-accent)',
    color: 'var(--color-accent-ink)',
  },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '0.8' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--color-critical-fill)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--color-critical-fill)',
  },
});

/** Where a problem is drawn: from its column to the end of its line. */
function diagnosticOf(text: Text, problem: CodeProblem): Diagnostic {
  const line = text.line(Math.min(Math.max(1, problem.line ?? 1), text.lines));
  const from = Math.min(line.to, line.from + Math.max(0, (problem.column ?? 1) - 1));
  return { from, to: line.to, severity: 'error', message: problem.message };
}

/**
 * A text editor for YAML with problems underlined and words offered while typing. Tab moves the focus
 * on, as everywhere; indentation goes with Enter and with Ctrl or ⌘ and the brackets. Its style sheet
 * carries the document's nonce.
 */
export function CodeEditor(props: CodeEditorProps) {
  const { label, initial, problems } = props;
  const nonce = useDocumentNonce();
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const onChange = useEffectEvent(props.onChange);
  const complete = useEffectEvent(props.complete);
  const isReadOnly = props.isReadOnly ?? false;
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return undefined;
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: initial,
        extensions: [
          EditorView.cspNonce.of(nonce),
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          closeBrackets(),
          yaml(),
          syntaxHighlighting(colours),
          look,
          // What is read only is no field to the browser, and still has to be scrolled by keys.
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorState.readOnly.of(isReadOnly),
          autocompletion({
            activateOnTyping: true,
            icons: false,
            override: [
              (context) => {
                const line = context.state.doc.lineAt(context.pos);
                const before = context.state.doc.sliceString(0, context.pos).split('\n');
                const found = complete(before);
                if (found === null || found.options.length === 0) return null;
                const isEmpty = found.from === context.pos - line.from;
                if (isEmpty && !context.explicit) return null;
                return {
                  from: line.from + found.from,
                  options: found.options as Completion[],
                  validFor: /^[\w.-]*$/,
                };
              },
            ],
          }),
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...historyKeymap,
            ...lintKeymap,
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    return () => {
      editor.current = null;
      view.destroy();
    };
  }, [initial, isReadOnly, label, nonce]);
  useEffect(() => {
    const view = editor.current;
    if (view === null) return;
    const { doc } = view.state;
    view.dispatch(
      setDiagnostics(
        view.state,
        problems.map((problem) => diagnosticOf(doc, problem)),
      ),
    );
  }, [problems]);
  return <div ref={place} className="h-full min-h-0 overflow-hidden" />;
}
