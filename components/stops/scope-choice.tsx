'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { SuggestInput } from '../ui/suggest-input.tsx';
import { ChoicePills } from './choice-pills.tsx';
import { scopeWords } from './stop-words.ts';
import { offeredScopes, type OfferedScope, type ScopeDraft } from './suggest-scope.ts';

/** Names offered at once; the rest is found by typing. */
const suggestionsMax = 50;
const scopeIdCharsMax = 256;

const labels: Readonly<Record<OfferedScope, string>> = {
  tenant: 'Whole tenant',
  environment: 'Environment',
  agent: 'Agent',
  tree: 'Agent tree',
  tool: 'Tool',
  session: 'Session',
  credential: 'Credential',
};

const placeholders: Readonly<Record<Exclude<OfferedScope, 'tenant'>, string>> = {
  environment: 'production',
  agent: 'Name of the agent',
  tree: 'Name of the agent at its root',
  tool: 'Name of the tool',
  session: 'Paste the session’s id',
  credential: 'Name of the credential',
};

/** Names of the kind that is being chosen. A session has no list: its id is pasted. */
function useNames(draft: ScopeDraft): readonly string[] {
  const trpc = useTRPC();
  const isAgent = draft.kind === 'agent' || draft.kind === 'tree';
  const search = isAgent && draft.id !== '' ? { search: draft.id } : {};
  const wantsAgents = isAgent || draft.kind === 'environment';
  const agents = useQuery(
    trpc.agents.list.queryOptions(
      { limit: suggestionsMax, ...search },
      { enabled: wantsAgents, placeholderData: (old) => old },
    ),
  );
  const tools = useQuery(
    trpc.tools.list.queryOptions({ limit: suggestionsMax }, { enabled: draft.kind === 'tool' }),
  );
  const credentials = useQuery(
    trpc.credentials.list.queryOptions(
      { limit: suggestionsMax },
      { enabled: draft.kind === 'credential' },
    ),
  );
  switch (draft.kind) {
    case 'credential':
      return credentials.data?.items.map((credential) => credential.name) ?? [];
    case 'agent':
    case 'tree':
      return agents.data?.items.map((agent) => agent.slug) ?? [];
    case 'environment':
      return [...new Set(agents.data?.items.map((agent) => agent.environment))].toSorted();
    case 'tool':
      return tools.data?.items.map((tool) => tool.name) ?? [];
    case 'tenant':
    case 'session':
      return [];
  }
}

/** What is to be stopped: a kind, and its name where it has one. */
export function ScopeChoice(props: {
  readonly draft: ScopeDraft;
  readonly onChange: (draft: ScopeDraft) => void;
}) {
  const { draft, onChange } = props;
  const names = useNames(draft);
  return (
    <div className="flex flex-col gap-2">
      <ChoicePills
        legend="What"
        name="stop-scope"
        value={draft.kind}
        options={offeredScopes.map((kind) => ({ value: kind, label: labels[kind] }))}
        onChange={(kind) => {
          if (kind !== draft.kind) onChange({ kind, id: '' });
        }}
      />
      {draft.kind === 'tenant' ? (
        <p className="text-xs text-ink-muted">{scopeWords.tenant.covers}</p>
      ) : (
        <SuggestInput
          label={`Which ${scopeWords[draft.kind].word}`}
          value={draft.id}
          suggestions={names}
          placeholder={placeholders[draft.kind]}
          charsMax={scopeIdCharsMax}
          onChange={(id) => onChange({ kind: draft.kind, id })}
        />
      )}
    </div>
  );
}
