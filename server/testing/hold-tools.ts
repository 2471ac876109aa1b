import { createHoldTools, type HoldTools } from '#server/approvals/hold-tools.ts';
import type { ControlSignals } from '#server/live/control-signals.ts';
import { createPermitKey } from '#server/permits/permit-key.ts';

/** Of every test's server: what one of them seals, another opens. */
export const testMasterKey = new Uint8Array(32).fill(7);
export const testPermitKey = new Uint8Array(32).fill(9);

/** Tools of a process as the tests have them; without signals only the slow poll wakes waiters. */
export async function makeHoldTools(signals: ControlSignals | null = null): Promise<HoldTools> {
  return createHoldTools({
    derivationKey: testMasterKey,
    permitKey: await createPermitKey(testPermitKey),
    issuer: 'http://127.0.0.1',
    readCanaries: async () => null,
    readKept: async () => null,
    signals,
  });
}
