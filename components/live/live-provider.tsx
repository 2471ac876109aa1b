'use client';

import {
  createContext,
  useContext,
  useEffect,
  useEffectEvent,
  useMemo,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import type { LiveBatch } from '#server/live/contract.ts';
import { browserSurroundings } from './browser-surroundings.ts';
import { createLiveConnection, type LiveConnection, type OpenStream } from './live-connection.ts';
import type { StreamFacts } from './live-state.ts';

const Context = createContext<LiveConnection<LiveBatch> | null>(null);
const noFacts: StreamFacts = { phase: 'opening', heardAtMs: null };
const never = () => () => undefined;

/**
 * Holds the one live connection of this browser for everything below it. `name` tells apart tenants
 * and people who share a browser; `openStream` is the transport.
 */
export function LiveProvider(props: {
  readonly name: string;
  readonly openStream: OpenStream<LiveBatch>;
  readonly children: ReactNode;
}) {
  const { name, openStream } = props;
  const connection = useMemo(
    () => createLiveConnection(name, openStream, browserSurroundings),
    [name, openStream],
  );
  useEffect(() => connection.start(), [connection]);
  return <Context value={connection}>{props.children}</Context>;
}

/** Runs `onBatch` for every batch of changes, in every tab. */
export function useLiveBatches(onBatch: (batch: LiveBatch) => void): void {
  const connection = useContext(Context);
  const handle = useEffectEvent(onBatch);
  useEffect(() => connection?.subscribe((batch) => handle(batch)), [connection]);
}

/** What is known of the stream; `deriveLiveState` turns it into what a person may believe. */
export function useStreamFacts(): StreamFacts {
  const connection = useContext(Context);
  return useSyncExternalStore(
    connection?.subscribeFacts ?? never,
    connection?.getFacts ?? (() => noFacts),
    () => noFacts,
  );
}
