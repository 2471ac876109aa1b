'use client';

import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { Command } from 'cmdk';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Kbd } from './kbd.tsx';
import { matchScore } from './match-score.ts';
import { backdropLook } from './popup-look.ts';

export interface PaletteItem {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  /** Other words by which it is found. */
  readonly keywords?: readonly string[];
  readonly icon?: ReactNode;
  readonly keys?: readonly string[];
  readonly onSelect: () => void;
}

/**
 * Every page and action by name. `onQuery` is told what is typed, so that the owner may add items
 * (an id to jump to); those come back through `items`.
 */
export function CommandPalette(props: {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly items: readonly PaletteItem[];
  readonly query: string;
  readonly onQuery: (query: string) => void;
}) {
  const groups = Map.groupBy(props.items, (item) => item.group);
  return (
    <BaseDialog.Root open={props.isOpen} onOpenChange={(isOpen) => props.onOpenChange(isOpen)}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropLook} />
        <BaseDialog.Popup
          aria-label="Command palette"
          className="fixed top-[12vh] left-1/2 z-50 w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded border border-line-strong/50 bg-raised shadow-float outline-none transition-[opacity,scale] data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0"
        >
          <Command
            label="Command palette"
            loop
            filter={(_, search, words) => matchScore(search, words ?? [])}
            className="flex max-h-[70vh] flex-col"
          >
            <Command.Input
              value={props.query}
              onValueChange={props.onQuery}
              placeholder="Go to a page, do something, paste an id…"
              className="h-12 w-full shrink-0 border-b border-line bg-transparent px-4 text-md outline-none"
            />
            <Command.List className="min-h-0 overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-center text-sm text-ink-muted">
                Nothing by that name.
              </Command.Empty>
              {[...groups].map(([group, items]) => (
                <Command.Group
                  key={group}
                  heading={group}
                  className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-faint"
                >
                  {items.map((item) => (
                    <Command.Item
                      key={item.id}
                      value={item.id}
                      keywords={[item.label, ...(item.keywords ?? [])]}
                      onSelect={() => {
                        props.onOpenChange(false);
                        item.onSelect();
                      }}
                      className={classNames(
                        'flex h-9 items-center gap-2.5 rounded px-2 text-sm select-none pointer-coarse:h-11',
                        'data-[selected=true]:bg-ink/8 [&_svg]:size-4 [&_svg]:text-ink-faint',
                      )}
                    >
                      {item.icon}
                      <span className="min-w-0 flex-1 truncate">{item.label}</span>
                      {item.keys?.map((key, index) => (
                        <Kbd key={index}>{key}</Kbd>
                      ))}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
