import { describe, expect, it } from 'vitest';
import { ackInput, heartbeatInput } from './contract.ts';

describe('the contract of the control plane', () => {
  it.each([
    [{ instanceId: 'pod-1' }, true],
    [{ instanceId: 'pod-1', capabilities: ['control', 'liveness'] }, true],
    [{ instanceId: 'pod-1', capabilities: ['fly'] }, false],
    [{ instanceId: '' }, false],
    [{ instanceId: 'pod-1', agent: 'another' }, false],
  ])('takes a heartbeat %o: %s', (beat, isTaken) => {
    expect(heartbeatInput.safeParse(beat).success).toBe(isTaken);
  });

  it.each([
    ['stopped', true],
    ['acknowledged', true],
    // Ours to say, from the stream that carried it.
    ['delivered', false],
    ['quiet', false],
  ])('takes %s as an answer to a stop: %s', (state, isTaken) => {
    const answer = { stopId: 'stp_x', instanceId: 'pod-1', state };
    expect(ackInput.safeParse(answer).success).toBe(isTaken);
  });
});
