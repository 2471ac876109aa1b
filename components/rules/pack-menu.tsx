'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Package } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { useToast } from '../ui/toast.tsx';

const ImportForm = dynamic(() => import('./import-form.tsx').then((parts) => parts.ImportForm), {
  loading: () => null,
});

/** Hands a text to the browser as a file. */
function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** Rules as a file: taken away with their tests, or taken over as drafts. */
export function PackMenu(props: { readonly mayWrite: boolean }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [isImporting, setIsImporting] = useState(false);
  const take = (isWithShipped: boolean) =>
    queryClient
      .fetchQuery({ ...trpc.rules.exportPack.queryOptions({ isWithShipped }), staleTime: 0 })
      .then(({ text }) => {
        if (text === '') toast.failed('Nothing to export', 'There is no rule of your own yet.');
        else saveFile('signalbox-rules.yml', text);
      })
      .catch((error: unknown) => toast.failed('Not exported', readProblem(error).sentence));
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button size="sm" look="quiet">
            <Package aria-hidden />
            Pack
          </Button>
        }
      >
        <MenuItem isDisabled={!props.mayWrite} onSelect={() => setIsImporting(true)}>
          Import…
        </MenuItem>
        <MenuItem onSelect={() => void take(false)}>Export your own rules</MenuItem>
        <MenuItem onSelect={() => void take(true)}>Export all rules</MenuItem>
      </Menu>
      {isImporting ? <ImportForm onClose={() => setIsImporting(false)} /> : null}
    </>
  );
}
