'use client';

import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { links, type SettingsSection } from '#server/kernel/links.ts';
import { PageFrame } from '../shell/page-frame.tsx';
import { classNames } from '../ui/class-names.ts';
import { Link } from '../ui/link.tsx';
import { sectionWords } from './section-words.ts';

const showWhole = (link: HTMLElement | null) =>
  link?.scrollIntoView({ block: 'nearest', inline: 'nearest' });

/** The settings of a tenant: the sections that the person may see, and the open one below. */
export function SettingsFrame(props: {
  readonly tenant: string;
  readonly sections: readonly SettingsSection[];
  readonly children: ReactNode;
}) {
  const path = usePathname();
  return (
    <PageFrame title="Settings" isFlush>
      <nav
        aria-label="Sections of the settings"
        className="flex shrink-0 gap-1 overflow-x-auto border-b border-line px-1.5"
      >
        {props.sections.map((section) => {
          const href = links.settings(props.tenant, section);
          const isOpen = path === href;
          return (
            <Link
              key={section}
              // On a narrow screen the row of sections is longer than the screen.
              ref={isOpen ? showWhole : undefined}
              href={href}
              aria-current={isOpen ? 'page' : undefined}
              className={classNames(
                'flex h-10 items-center border-b-2 px-2.5 text-sm whitespace-nowrap -outline-offset-2 transition-colors',
                isOpen
                  ? 'border-accent text-ink'
                  : 'border-transparent text-ink-muted hover:text-ink',
              )}
            >
              {sectionWords[section]}
            </Link>
          );
        })}
      </nav>
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">{props.children}</div>
    </PageFrame>
  );
}
