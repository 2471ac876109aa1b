'use client';

import { Download } from 'lucide-react';
import { type ExportFormat, exportFormats, type ExportList } from '#server/http/states/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Button } from '../ui/button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';

const formatWords: Readonly<Record<ExportFormat, { readonly word: string; readonly for: string }>> =
  {
    csv: { word: 'CSV', for: 'for spreadsheets' },
    jsonl: { word: 'JSON Lines', for: 'for programs' },
  };

/** Takes what a list is filtered for away as a file; the log says who did. */
export function ExportMenu(props: {
  readonly tenant: string;
  readonly list: ExportList;
  /** As the list's own query takes it. */
  readonly filter: object;
  /** Why this person may not; null when they may. */
  readonly refusal?: string | null;
}) {
  const refusal = props.refusal ?? null;
  const button = (
    <Button size="sm" look="quiet" disabledReason={refusal} aria-label="Export">
      <Download aria-hidden />
      <span className="max-sm:sr-only">Export</span>
    </Button>
  );
  if (refusal !== null) return button;
  return (
    <Menu align="end" trigger={button}>
      {exportFormats.map((format) => (
        <MenuItem
          key={format}
          trailing={formatWords[format].for}
          render={
            <a download href={links.exported(props.tenant, props.list, format, props.filter)}>
              {formatWords[format].word}
            </a>
          }
        >
          {formatWords[format].word}
        </MenuItem>
      ))}
    </Menu>
  );
}
