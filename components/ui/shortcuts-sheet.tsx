'use client';

import { Dialog } from './dialog.tsx';
import { useDisplaySettings } from './display-settings-provider.tsx';
import { Kbd } from './kbd.tsx';
import { Switch } from './switch.tsx';

export interface ShortcutGroup {
  readonly name: string;
  readonly items: readonly { readonly keys: readonly string[]; readonly does: string }[];
}

/** All shortcuts in one place, with the switch that turns single keys off (WCAG 2.1.4). */
export function ShortcutsSheet(props: {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly groups: readonly ShortcutGroup[];
}) {
  const { settings, change } = useDisplaySettings();
  return (
    <Dialog
      title="Keyboard shortcuts"
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      className="w-[min(42rem,calc(100vw-2rem))]"
      footer={
        <div className="w-full">
          <Switch
            isOn={settings.keys === 'on'}
            onChange={(isOn) => change({ keys: isOn ? 'on' : 'off' })}
            hint="Ctrl or ⌘ with K opens the command palette either way."
          >
            Single-key shortcuts
          </Switch>
        </div>
      }
    >
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {props.groups.map((group) => (
          <section key={group.name}>
            <h3 className="mb-1.5 text-xs font-medium text-ink-faint">{group.name}</h3>
            <dl className="flex flex-col">
              {group.items.map((item) => (
                <div
                  key={item.does}
                  className="flex min-h-7 items-center justify-between gap-3 border-b border-line"
                >
                  <dt className="text-sm text-ink-muted">{item.does}</dt>
                  <dd className="flex gap-1">
                    {item.keys.map((key, index) => (
                      <Kbd key={index}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
