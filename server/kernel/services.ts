import type { Db } from '#db/client.ts';
import type { Env } from './env.ts';
import type { Log } from './log.ts';

/** What one process has of the world outside; made once by its role's start (web, worker, CLI). */
export interface Services {
  readonly env: Env;
  readonly log: Log;
  /** The pool of this process's login. */
  readonly db: Db;
  readonly secrets: Secrets;
  /** The public address, without a trailing slash: links and cookies are made with it. */
  readonly url: string;
}

/** Contents of the secret files; they live in no table, log or page. */
export interface SecretFiles {
  /** Signs the sign-in cookie. */
  readonly session: string;
  /** 32 bytes each, which wrap data keys: the present one, then the one before it, if it is given. */
  readonly masterKeys: readonly Uint8Array[];
  /** 32 bytes from which the key that signs permits is derived. */
  readonly permitKey: Uint8Array;
}

/** The secrets of a running process. */
export interface Secrets extends SecretFiles {
  /** 32 bytes from which each tenant's keys are derived; outlives every exchange of the master key. */
  readonly derivationKey: Uint8Array;
}

const registry = globalThis as typeof globalThis & { __signalboxServices?: Services };

/**
 * Hands the services to the pages: Next's bundle and the Node side load modules separately, and
 * `globalThis` is what they share.
 */
export function provideServices(services: Services | null): void {
  if (services === null) delete registry.__signalboxServices;
  else registry.__signalboxServices = services;
}

/** The services of this process. @throws Error when a page is rendered outside a running server. */
export function services(): Services {
  if (!registry.__signalboxServices) {
    throw new Error(
      'Signalbox’s own server is not running in this process; start it with `signalbox up`.',
    );
  }
  return registry.__signalboxServices;
}
