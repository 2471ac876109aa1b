'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { MoreHorizontal, Plus, Wrench } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import type { Tool } from '#server/agents/contract.ts';
import { ListState } from '../settings/list-state.tsx';
import { SectionHead } from '../settings/section-head.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { effectWords } from './effect-words.ts';
import { Grade } from './grade.tsx';
import { RemoveToolForm } from './remove-tool-form.tsx';
import { ToolForm } from './tool-form.tsx';
import { toolUrlParsers } from './tool-url.ts';

type Open =
  | { readonly form: 'add' }
  | { readonly form: 'change' | 'remove'; readonly tool: Tool }
  | null;

/** What each tool can do. `refusal`: why this person may not change the table. */
export function ToolsScreen({ refusal }: { readonly refusal: string | null }) {
  const trpc = useTRPC();
  const [{ q }, setUrl] = useQueryStates(toolUrlParsers);
  const query = useInfiniteQuery(
    trpc.tools.list.infiniteQueryOptions(q === '' ? {} : { search: q }, {
      getNextPageParam: (page) => page.next,
    }),
  );
  const tools = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <section aria-label="Tools" className="flex flex-col">
      <SectionHead
        title="Tools"
        actions={
          <Button look="primary" disabledReason={refusal} onClick={() => setOpen({ form: 'add' })}>
            <Plus aria-hidden />
            Describe a tool
          </Button>
        }
      >
        Risk and rules are computed from this table. A tool that is not in it counts as the worst of
        each. The grades go from 0, harmless, to 4.
      </SectionHead>
      <div className="border-b border-line px-4 py-2">
        <SearchBox
          label="Search tools by name"
          value={q}
          charsMax={256}
          onSearch={(text) => void setUrl({ q: text })}
          className="max-w-80"
        />
      </div>
      <ListState
        query={query}
        noun="tools"
        count={tools.length}
        empty={<NoTools search={q} onClear={() => void setUrl({ q: '' })} />}
      >
        <Table label="Tools by name">
          <thead>
            <HeadRow>
              <Head>Tool</Head>
              <Head>Effect</Head>
              <Head className="max-md:hidden">Irreversible</Head>
              <Head className="max-md:hidden">Sensitive</Head>
              <Head className="max-md:hidden">Reach</Head>
              <Head className="max-lg:hidden">Approval binds</Head>
              <Head align="end">
                <span className="sr-only">Actions</span>
              </Head>
            </HeadRow>
          </thead>
          <tbody>
            {tools.map((tool) => (
              <ToolLine
                key={tool.id}
                tool={tool}
                refusal={refusal}
                onOpen={(form) => setOpen({ form, tool })}
              />
            ))}
          </tbody>
        </Table>
      </ListState>
      {open === null ? null : open.form === 'remove' ? (
        <RemoveToolForm tool={open.tool} onClose={close} />
      ) : (
        <ToolForm tool={open.form === 'add' ? null : open.tool} onClose={close} />
      )}
    </section>
  );
}

function NoTools(props: { readonly search: string; readonly onClear: () => void }) {
  return props.search === '' ? (
    <EmptyState icon={<Wrench />} title="No tool is described">
      Every call counts as the worst of each until you describe its tool.
    </EmptyState>
  ) : (
    <EmptyState
      icon={<Wrench />}
      title="No tool has such a name"
      action={<Button onClick={props.onClear}>Show all tools</Button>}
    >
      The search looks for a part of the name, as it is written.
    </EmptyState>
  );
}

function ToolLine(props: {
  readonly tool: Tool;
  readonly refusal: string | null;
  readonly onOpen: (form: 'change' | 'remove') => void;
}) {
  const { tool } = props;
  const effect = effectWords[tool.effectClass];
  return (
    <Row>
      <Cell>
        <code className="font-medium break-all">{tool.name}</code>
        {tool.origin === 'custom' ? (
          <Badge className="ml-2" tone="accent">
            yours
          </Badge>
        ) : null}
        {tool.isGoverned ? (
          <Badge className="ml-2" tone="warn">
            governed
          </Badge>
        ) : null}
        {tool.argumentSchema === null ? null : (
          <Badge className="ml-2" tone="ok">
            arguments checked
          </Badge>
        )}
        <span className="block text-xs text-ink-muted">{tool.description}</span>
      </Cell>
      <Cell>
        <Badge tone={effect.tone}>{effect.word}</Badge>
      </Cell>
      <Cell className="max-md:hidden">
        <Grade fact="reversibility" value={tool.reversibility} />
      </Cell>
      <Cell className="max-md:hidden">
        <Grade fact="sensitivity" value={tool.sensitivity} />
      </Cell>
      <Cell className="max-md:hidden">
        <Grade fact="blastRadius" value={tool.blastRadius} />
      </Cell>
      <Cell className="max-w-60 text-xs break-words text-ink-muted max-lg:hidden">
        {tool.loadBearingFields === null ? (
          'every argument'
        ) : (
          <code>{tool.loadBearingFields.join(', ')}</code>
        )}
      </Cell>
      <Cell align="end">
        {props.refusal === null ? (
          <Menu
            align="end"
            trigger={
              <IconButton label={`Actions for ${tool.name}`} size="sm">
                <MoreHorizontal aria-hidden />
              </IconButton>
            }
          >
            <MenuItem onSelect={() => props.onOpen('change')}>Change…</MenuItem>
            <MenuItem isDanger onSelect={() => props.onOpen('remove')}>
              Remove…
            </MenuItem>
          </Menu>
        ) : null}
      </Cell>
    </Row>
  );
}
