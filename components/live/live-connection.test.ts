import { beforeEach, describe, expect, it } from 'vitest';
import {
  createLiveConnection,
  hiddenCloseMs,
  type LiveConnection,
  type OpenStream,
  type Surroundings,
} from './live-connection.ts';

interface Message {
  readonly id: string;
}

/** A browser with one clock, one lock queue and one channel, and a server that counts its streams. */
class Browser {
  nowMs = 1_000_000;
  readonly opened: (string | null)[] = [];
  readonly streams = new Set<Parameters<OpenStream<Message>>[1]>();
  readonly timers = new Set<{ readonly periodMs: number; readonly run: () => void }>();
  readonly #queue: { readonly signal: AbortSignal; readonly work: () => Promise<void> }[] = [];
  readonly #ears = new Set<(note: unknown) => void>();
  #isHeld = false;

  #grant(): void {
    if (this.#isHeld) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    if (next.signal.aborted) {
      this.#grant();
      return;
    }
    this.#isHeld = true;
    void next.work().then(() => {
      this.#isHeld = false;
      this.#grant();
    });
  }

  readonly openStream: OpenStream<Message> = (since, handlers) => {
    this.opened.push(since);
    this.streams.add(handlers);
    return () => void this.streams.delete(handlers);
  };

  say(id: string): void {
    for (const stream of this.streams) stream.onMessage({ id });
  }

  pass(ms: number): void {
    const step = 15_000;
    for (let left = ms; left > 0; left -= step) {
      this.nowMs += Math.min(step, left);
      for (const timer of this.timers) timer.run();
    }
  }

  openTab(options: { readonly hasLocks?: boolean } = {}) {
    const visibility = { isVisible: true, listeners: new Set<() => void>() };
    const heard: string[] = [];
    const shared: Pick<Surroundings, 'lead' | 'channel'> = {
      lead: (_, signal, work) => {
        this.#queue.push({ signal, work });
        this.#grant();
      },
      channel: () => {
        const own = new Set<(note: unknown) => void>();
        return {
          post: (note) => {
            for (const ear of this.#ears) if (!own.has(ear)) ear(note);
          },
          listen: (ear) => {
            own.add(ear);
            this.#ears.add(ear);
            return () => void this.#ears.delete(ear);
          },
          close: () => undefined,
        };
      },
    };
    const connection: LiveConnection<Message> = createLiveConnection(
      'demo',
      this.openStream,
      () => ({
        ...(options.hasLocks === false ? {} : shared),
        isVisible: () => visibility.isVisible,
        onVisibility: (listener) => {
          visibility.listeners.add(listener);
          return () => void visibility.listeners.delete(listener);
        },
        now: () => this.nowMs,
        every: (periodMs, run) => {
          const timer = { periodMs, run };
          this.timers.add(timer);
          return () => void this.timers.delete(timer);
        },
      }),
    );
    connection.subscribe((message) => heard.push(message.id));
    const close = connection.start();
    const show = (isVisible: boolean) => {
      visibility.isVisible = isVisible;
      for (const listener of visibility.listeners) listener();
    };
    return { connection, heard, show, close };
  }
}

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

describe('createLiveConnection', () => {
  it('opens one stream for a dozen tabs, and every tab hears every message once', () => {
    const tabs = Array.from({ length: 12 }, () => browser.openTab());
    browser.say('1');
    browser.say('2');
    expect(browser.opened).toEqual([null]);
    for (const tab of tabs) expect(tab.heard).toEqual(['1', '2']);
  });

  it('tells followers the state of the stream, also those that come later', () => {
    browser.openTab();
    browser.say('1');
    const late = browser.openTab();
    expect(late.connection.getFacts()).toEqual({ phase: 'open', heardAtMs: browser.nowMs });
    for (const stream of browser.streams) stream.onPhase('broken');
    expect(late.connection.getFacts().phase).toBe('broken');
  });

  it('is open once it has told something, at first and whenever it was broken', () => {
    const { connection } = browser.openTab();
    expect(connection.getFacts()).toEqual({ phase: 'opening', heardAtMs: null });
    browser.say('1');
    expect(connection.getFacts().phase).toBe('open');
    for (const stream of browser.streams) stream.onPhase('broken');
    expect(connection.getFacts().phase).toBe('broken');
    browser.say('2');
    expect(connection.getFacts().phase).toBe('open');
  });

  it('hands over when the leader closes, right behind the last message', async () => {
    const leader = browser.openTab();
    const heir = browser.openTab();
    browser.say('1');
    browser.say('2');
    leader.close();
    await Promise.resolve();
    await Promise.resolve();
    expect(browser.opened).toEqual([null, '2']);
    expect(browser.streams.size).toBe(1);
    browser.say('3');
    expect(heir.heard).toEqual(['1', '2', '3']);
    expect(leader.heard).toEqual(['1', '2']);
  });

  it('an heir that came after the last message still goes on behind it', async () => {
    const leader = browser.openTab();
    browser.say('7');
    browser.openTab();
    leader.close();
    await Promise.resolve();
    await Promise.resolve();
    expect(browser.opened).toEqual([null, '7']);
  });

  it('lets go when every tab has been hidden for a minute, and resumes when one is looked at', () => {
    const first = browser.openTab();
    const second = browser.openTab();
    browser.say('1');
    first.show(false);
    browser.pass(5 * hiddenCloseMs);
    expect(browser.streams.size).toBe(1);
    second.show(false);
    browser.pass(hiddenCloseMs - 15_000);
    expect(browser.streams.size).toBe(1);
    browser.pass(30_000);
    expect(browser.streams.size).toBe(0);
    expect(second.connection.getFacts().phase).toBe('closed');
    second.show(true);
    expect(browser.opened).toEqual([null, '1']);
    expect(second.connection.getFacts().phase).toBe('opening');
    browser.say('2');
    expect(second.connection.getFacts().phase).toBe('open');
  });

  it('reads for itself in every tab where there are no locks', () => {
    browser.openTab({ hasLocks: false });
    browser.openTab({ hasLocks: false });
    expect(browser.opened).toEqual([null, null]);
  });

  it('may be started again, and goes on behind what it heard', async () => {
    const tab = browser.openTab();
    browser.say('1');
    tab.close();
    await Promise.resolve();
    await Promise.resolve();
    tab.connection.start();
    expect(browser.opened).toEqual([null, '1']);
    browser.say('2');
    expect(tab.heard).toEqual(['1', '2']);
  });

  it('leaves nothing behind when it is closed', () => {
    const tab = browser.openTab();
    tab.close();
    expect(browser.streams.size).toBe(0);
    expect(browser.timers.size).toBe(0);
    browser.say('1');
    expect(tab.heard).toEqual([]);
  });
});
