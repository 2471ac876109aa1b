import {
  Activity,
  Bot,
  Brain,
  BrainCircuit,
  CircleAlert,
  Database,
  Flag,
  GitFork,
  type LucideIcon,
  MessageSquare,
  Save,
  Scale,
  Search,
  Wrench,
} from 'lucide-react';
import type { EventKind } from '#server/telemetry/contract.ts';
import { classNames } from '../ui/class-names.ts';

interface KindLook {
  readonly word: string;
  readonly Icon: LucideIcon;
  /** Of the bar in the waterfall and of the icon: a category, never a severity. */
  readonly barClass: string;
  readonly iconClass: string;
}

/** The only place that says what a kind of event looks like. */
export const kindLooks: Readonly<Record<EventKind, KindLook>> = {
  user_message: {
    word: 'User message',
    Icon: MessageSquare,
    barClass: 'bg-series-6',
    iconClass: 'text-series-6',
  },
  agent_message: {
    word: 'Agent message',
    Icon: Bot,
    barClass: 'bg-series-4',
    iconClass: 'text-series-4',
  },
  llm_call: {
    word: 'Model call',
    Icon: Brain,
    barClass: 'bg-series-2',
    iconClass: 'text-series-2',
  },
  tool_call: {
    word: 'Tool call',
    Icon: Wrench,
    barClass: 'bg-series-1',
    iconClass: 'text-series-1',
  },
  data_access: {
    word: 'Data access',
    Icon: Database,
    barClass: 'bg-series-7',
    iconClass: 'text-series-7',
  },
  memory_read: {
    word: 'Memory read',
    Icon: BrainCircuit,
    barClass: 'bg-series-5',
    iconClass: 'text-series-5',
  },
  memory_write: {
    word: 'Memory write',
    Icon: Save,
    barClass: 'bg-series-5',
    iconClass: 'text-series-5',
  },
  retrieval: {
    word: 'Retrieval',
    Icon: Search,
    barClass: 'bg-series-3',
    iconClass: 'text-series-3',
  },
  spawn: { word: 'Spawn', Icon: GitFork, barClass: 'bg-series-8', iconClass: 'text-series-8' },
  lifecycle: {
    word: 'Lifecycle',
    Icon: Activity,
    barClass: 'bg-series-8',
    iconClass: 'text-series-8',
  },
  error: {
    word: 'Error',
    Icon: CircleAlert,
    barClass: 'bg-series-8',
    iconClass: 'text-critical',
  },
  decision: { word: 'Decision', Icon: Scale, barClass: 'bg-series-8', iconClass: 'text-series-8' },
  outcome: { word: 'Outcome', Icon: Flag, barClass: 'bg-series-8', iconClass: 'text-series-8' },
};

/** The icon of a kind, with its word for screen readers and on hover. */
export function KindIcon(props: { readonly kind: EventKind; readonly className?: string }) {
  const { Icon, word, iconClass } = kindLooks[props.kind];
  return (
    <span title={word} className={classNames('inline-flex shrink-0', props.className)}>
      <Icon aria-hidden className={classNames('size-3.5', iconClass)} />
      <span className="sr-only">{word}</span>
    </span>
  );
}
