'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { MoreHorizontal, UserPlus } from 'lucide-react';
import { useState } from 'react';
import type { Person } from '#server/auth/contract.ts';
import { ListState } from '../settings/list-state.tsx';
import { SectionHead } from '../settings/section-head.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { AddPersonForm } from './add-person-form.tsx';
import { ChangeRolesForm, RemovePersonForm } from './person-forms.tsx';

type Open = { readonly form: 'roles' | 'remove'; readonly person: Person } | null;

/** The people of the tenant and their roles. `refusal`: why this person may not change them. */
export function PeopleScreen({ refusal }: { readonly refusal: string | null }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.people.list.infiniteQueryOptions({}, { getNextPageParam: (page) => page.next }),
  );
  const people = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [isAdding, setIsAdding] = useState(false);
  const [open, setOpen] = useState<Open>(null);
  return (
    <section aria-label="People" className="flex flex-col">
      <SectionHead
        title="People"
        actions={
          <Button look="primary" disabledReason={refusal} onClick={() => setIsAdding(true)}>
            <UserPlus aria-hidden />
            Add a person
          </Button>
        }
      >
        Who may sign in to this tenant, and what each may do here. A change counts from the person’s
        next click on; the last administrator cannot be taken away.
      </SectionHead>
      <ListState
        query={query}
        noun="people"
        count={people.length}
        empty={<EmptyState title="Nobody is here yet">Add the first person.</EmptyState>}
      >
        <Table label="People">
          <thead>
            <HeadRow>
              <Head>Person</Head>
              <Head>Roles</Head>
              <Head className="max-sm:hidden">Here since</Head>
              <Head align="end">
                <span className="sr-only">Actions</span>
              </Head>
            </HeadRow>
          </thead>
          <tbody>
            {people.map((person) => (
              <PersonRow
                key={person.userId}
                person={person}
                refusal={refusal}
                onOpen={(form) => setOpen({ form, person })}
              />
            ))}
          </tbody>
        </Table>
      </ListState>
      <AddPersonForm isOpen={isAdding} onOpenChange={setIsAdding} />
      {open?.form === 'roles' ? (
        <ChangeRolesForm person={open.person} onClose={() => setOpen(null)} />
      ) : null}
      {open?.form === 'remove' ? (
        <RemovePersonForm person={open.person} onClose={() => setOpen(null)} />
      ) : null}
    </section>
  );
}

function PersonRow(props: {
  readonly person: Person;
  readonly refusal: string | null;
  readonly onOpen: (form: 'roles' | 'remove') => void;
}) {
  const { person, refusal } = props;
  return (
    <Row>
      <Cell>
        <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <span className="font-medium break-words">{person.name}</span>
          <span className="text-xs break-all text-ink-muted">{person.email}</span>
          {person.isDisabled ? <Badge tone="warn">disabled</Badge> : null}
        </span>
      </Cell>
      <Cell>
        <span className="flex flex-wrap gap-1">
          {person.roles.map((role) => (
            <Badge key={role} tone={role === 'admin' ? 'accent' : 'neutral'}>
              {role}
            </Badge>
          ))}
        </span>
      </Cell>
      <Cell className="whitespace-nowrap text-ink-muted max-sm:hidden">
        <RelativeTime at={person.memberSince} />
      </Cell>
      <Cell align="end">
        {refusal === null ? (
          <Menu
            align="end"
            trigger={
              <IconButton label={`Actions for ${person.name}`} size="sm">
                <MoreHorizontal aria-hidden />
              </IconButton>
            }
          >
            <MenuItem onSelect={() => props.onOpen('roles')}>Change roles…</MenuItem>
            <MenuItem isDanger onSelect={() => props.onOpen('remove')}>
              Remove…
            </MenuItem>
          </Menu>
        ) : null}
      </Cell>
    </Row>
  );
}
