import { afterEach, describe, expect, it, vi } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeServices } from '#server/testing/make-services.ts';
import { keepProcessRow } from './keep-process-row.ts';

const bed = openTestDatabase();
afterEach(() => vi.useRealTimers());

/** Seconds since it was last seen, and since when it is in touch. */
async function read() {
  const [row] = await bed.admin<{ seen: number; in_touch: number }[]>`
    select extract(epoch from now() - last_seen_at)::float8 as seen,
      extract(epoch from now() - started_at)::float8 as in_touch from processes`;
  return row ?? { seen: NaN, in_touch: NaN };
}

describe('the row of a process', () => {
  it('says since when it was in touch without a gap', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { log } = makeServices(bed);
    const row = await keepProcessRow(bed.app, log, 'web', 'x');
    const beatAfter = async (secondsAgo: number) => {
      await bed.admin`update processes set started_at = now() - interval '1 hour',
        last_seen_at = now() - make_interval(secs => ${secondsAgo})`;
      vi.advanceTimersByTime(limits.processBeatMs);
      await expect.poll(async () => (await read()).seen).toBeLessThan(1);
      return (await read()).in_touch;
    };
    expect(await beatAfter(5)).toBeGreaterThan(3000);
    expect(await beatAfter(9)).toBeLessThan(60);
    await row.close();
    expect(await bed.admin`select 1 from processes`).toHaveLength(0);
  });
});
