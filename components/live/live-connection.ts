import type { StreamFacts } from './live-state.ts';

/** The part of a message that the connection itself reads; the rest is for the lists. */
export interface LiveMessage {
  /** Opaque; a stream opened since it goes on right behind. */
  readonly id: string;
}

/** Opens the one stream. Reconnects by itself; `since` null starts at the present. Returns its end. */
export type OpenStream<Message> = (
  since: string | null,
  handlers: {
    readonly onMessage: (message: Message) => void;
    /** That it is open, its first message says: before it the server has no place in the log. */
    readonly onPhase: (phase: 'opening' | 'broken') => void;
  },
) => () => void;

type Note<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'facts'; readonly facts: StreamFacts; readonly since: string | null }
  | { readonly kind: 'hello' }
  | { readonly kind: 'looking' };

/** The browser, as far as this needs it; tests bring their own. */
export interface Surroundings {
  /** Runs `work` while this tab is the leader; undefined where Web Locks do not exist. */
  readonly lead?: (name: string, signal: AbortSignal, work: () => Promise<void>) => void;
  readonly channel?: (name: string) => {
    readonly post: (note: unknown) => void;
    readonly listen: (onNote: (note: unknown) => void) => () => void;
    readonly close: () => void;
  };
  readonly isVisible: () => boolean;
  readonly onVisibility: (listener: () => void) => () => void;
  readonly now: () => number;
  readonly every: (periodMs: number, run: () => void) => () => void;
}

/** With every tab hidden for this long the stream is let go. */
export const hiddenCloseMs = 60_000;
/** Visible tabs say so this often. */
const lookingMs = 15_000;

export interface LiveConnection<Message> {
  readonly getFacts: () => StreamFacts;
  readonly subscribeFacts: (listener: () => void) => () => void;
  /** Every message once, in every tab. */
  readonly subscribe: (listener: (message: Message) => void) => () => void;
  /** Takes part until the returned function is called; may be started again after that. */
  readonly start: () => () => void;
}

const closedFacts: StreamFacts = { phase: 'closed', heardAtMs: null };

/**
 * One stream for all tabs of a browser: HTTP/1.1 allows six connections a host, and a dozen tabs
 * must not starve each other. The tab that holds the lock reads the stream and tells the others; when
 * it closes, the next takes over right behind the last message that it heard. Without Web Locks
 * (plain http on another machine) every tab reads for itself.
 * Does nothing until it is started.
 * @param name distinguishes tenants and people; part of the lock's and the channel's name
 * @param around the browser, asked for when the connection is started
 */
export function createLiveConnection<Message extends LiveMessage>(
  name: string,
  openStream: OpenStream<Message>,
  around: () => Surroundings,
): LiveConnection<Message> {
  return new Connection(`signalbox-live:${name}`, openStream, around);
}

class Connection<Message extends LiveMessage> implements LiveConnection<Message> {
  readonly #name: string;
  readonly #openStream: OpenStream<Message>;
  readonly #makeSurroundings: () => Surroundings;
  readonly #messageListeners = new Set<(message: Message) => void>();
  readonly #factsListeners = new Set<() => void>();
  readonly #cleanups: (() => void)[] = [];
  #around: Surroundings | null = null;
  #post: (note: Note<Message>) => void = () => undefined;
  #facts: StreamFacts = closedFacts;
  #since: string | null = null;
  #isLeader = false;
  #closeStream: (() => void) | null = null;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, openStream: OpenStream<Message>, around: () => Surroundings) {
    this.#name = name;
    this.#openStream = openStream;
    this.#makeSurroundings = around;
  }

  readonly getFacts = () => this.#facts;
  readonly subscribeFacts = (listener: () => void) => {
    this.#factsListeners.add(listener);
    return () => void this.#factsListeners.delete(listener);
  };
  readonly subscribe = (listener: (message: Message) => void) => {
    this.#messageListeners.add(listener);
    return () => void this.#messageListeners.delete(listener);
  };

  readonly start = () => {
    const around = this.#makeSurroundings();
    const ending = new AbortController();
    this.#around = around;
    const { lead, channel } = around;
    if (lead !== undefined && channel !== undefined) {
      const wire = channel(this.#name);
      this.#post = wire.post;
      this.#cleanups.push(
        wire.listen((note) => this.#hear(note as Note<Message>)),
        wire.close,
      );
      this.#post({ kind: 'hello' });
      lead(this.#name, ending.signal, () => this.#leadUntil(ending.signal));
    } else {
      void this.#leadUntil(ending.signal);
    }
    const look = () => {
      if (around.isVisible()) this.#look();
    };
    look();
    this.#cleanups.push(
      around.onVisibility(look),
      around.every(lookingMs, () => {
        look();
        this.#sleepWhenUnwatched();
      }),
    );
    return () => {
      this.#stop();
      ending.abort();
    };
  };

  #stop(): void {
    this.#closeStream?.();
    this.#closeStream = null;
    this.#isLeader = false;
    this.#around = null;
    this.#post = () => undefined;
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }

  #now(): number {
    return this.#around?.now() ?? 0;
  }

  /** A tab is being looked at, here or elsewhere: whoever leads keeps the stream open. */
  #look(): void {
    this.#lookedAtMs = this.#now();
    this.#post({ kind: 'looking' });
    this.#openIfLeading();
  }

  #leadUntil(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    this.#isLeader = true;
    this.#openIfLeading();
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #openIfLeading(): void {
    const isWatched = this.#now() - this.#lookedAtMs < hiddenCloseMs;
    if (this.#around === null || !this.#isLeader) return;
    if (this.#closeStream !== null || !isWatched) return;
    this.#tellFacts({ phase: 'opening', heardAtMs: this.#facts.heardAtMs });
    this.#closeStream = this.#openStream(this.#since, {
      onMessage: (message) => {
        this.#post({ kind: 'message', message });
        this.#take(message);
      },
      onPhase: (phase) => this.#tellFacts({ phase, heardAtMs: this.#facts.heardAtMs }),
    });
  }

  #sleepWhenUnwatched(): void {
    if (this.#closeStream === null) return;
    if (this.#now() - this.#lookedAtMs < hiddenCloseMs) return;
    this.#closeStream();
    this.#closeStream = null;
    this.#tellFacts({ phase: 'closed', heardAtMs: this.#facts.heardAtMs });
  }

  #hear(note: Note<Message>): void {
    switch (note.kind) {
      case 'message':
        if (!this.#isLeader) this.#take(note.message);
        return;
      case 'facts':
        if (this.#isLeader) return;
        this.#since = note.since ?? this.#since;
        this.#setFacts(note.facts);
        return;
      case 'hello':
        if (this.#isLeader) this.#tellFacts(this.#facts);
        return;
      case 'looking':
        this.#lookedAtMs = this.#now();
        this.#openIfLeading();
        return;
    }
  }

  #take(message: Message): void {
    this.#since = message.id;
    this.#setFacts({ phase: 'open', heardAtMs: this.#now() });
    for (const listener of this.#messageListeners) listener(message);
  }

  #tellFacts(facts: StreamFacts): void {
    this.#post({ kind: 'facts', facts, since: this.#since });
    this.#setFacts(facts);
  }

  #setFacts(facts: StreamFacts): void {
    this.#facts = facts;
    for (const listener of this.#factsListeners) listener();
  }
}
