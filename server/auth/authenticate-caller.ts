import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Db } from '#db/client.ts';
import { AppError, isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { authenticateKey, type KeyStanding } from './authenticate-key.ts';

// Flooding control at the door of this process only; quotas that gate are counted in Postgres.
const byKey = new RateLimiterMemory({ points: limits.keyRequestsPerSecondMax, duration: 1 });
/** By pool: whose keys an address guesses. */
const strangersOf = new WeakMap<Db, RateLimiterMemory>();

/**
 * Finds out whose key a request carries, and counts it: against the key, or against the address that
 * guesses keys. Every transport that takes keys asks here, so that none is the quicker one to guess at.
 * @throws AppError `unauthenticated`, `rate_limited`
 */
export async function authenticateCaller(
  db: Db,
  authorization: string | undefined,
  address: string,
): Promise<KeyStanding> {
  const standing = await findStanding(db, authorization, address);
  await consume(byKey, standing.actor.keyId);
  return standing;
}

async function findStanding(
  db: Db,
  authorization: string | undefined,
  address: string,
): Promise<KeyStanding> {
  try {
    return await authenticateKey(db, authorization);
  } catch (error) {
    // Guessing keys is slow for whoever guesses, and for nobody else.
    if (isAppError(error) && error.code === 'unauthenticated') await countStranger(db, address);
    throw error;
  }
}

/** Counts a refusal against the address that it was given to. @throws AppError `rate_limited` */
export function countStranger(db: Db, address: string): Promise<void> {
  const { anonymousRequestsPerMinuteMax: points } = limits;
  const strangers = strangersOf.get(db) ?? new RateLimiterMemory({ points, duration: 60 });
  strangersOf.set(db, strangers);
  return consume(strangers, address);
}

/** Counts against one subject of a limiter. @throws AppError `rate_limited` */
export async function consume(limiter: RateLimiterMemory, subject: string): Promise<void> {
  try {
    await limiter.consume(subject);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new AppError('rate_limited', 'Too many requests; wait as long as Retry-After says.', {
      retryAfterSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)),
    });
  }
}
