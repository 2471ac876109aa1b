import { describe, expect, it } from 'vitest';
import { findIds } from './find-ids.ts';

const all = [
  'agents.read',
  'alerts.read',
  'approvals.read',
  'rules.read',
  'telemetry.read',
  'stops.read',
];
const alert = 'alr_01jd0x3v7wfk8s4x2c5mvh1q9z';
const stop = 'stp_01jd0x3v7wfk8s4x2c5mvh1q9z';
const rest = '01jd0x3v7wfk8s4x2c5mvh1q9z';
const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('findIds', () => {
  it.each([
    [alert, `/t/demo/alerts?alert=${alert}`],
    [`  ${alert.toUpperCase()} `, `/t/demo/alerts?alert=${alert}`],
    [stop, `/t/demo/stops?stop=${stop}`],
    [`apr_${rest}`, `/t/demo/approvals?approval=apr_${rest}`],
    [`agt_${rest}`, `/t/demo/agents?agent=agt_${rest}`],
    [`rul_${rest}`, `/t/demo/rules?rule=rul_${rest}`],
    [`drl_${rest}`, `/t/demo/stops/drills?drill=drl_${rest}`],
    [trace, `/t/demo/traces/${trace}`],
  ])('%j leads to %s', (text, href) => {
    expect(findIds(text, 'demo', all).map((target) => target.href)).toEqual([href]);
  });

  it.each(['', 'alerts', `${trace}0`, trace.slice(1), 'alr_01', `${alert}x`, `${trace}/../x`])(
    '%j leads nowhere',
    (text) => {
      expect(findIds(text, 'demo', all)).toEqual([]);
    },
  );

  it('leads nowhere that the person may not see', () => {
    expect(findIds(trace, 'demo', ['alerts.read'])).toEqual([]);
    expect(findIds(alert, 'demo', [])).toEqual([]);
    expect(findIds(stop, 'demo', ['alerts.read'])).toEqual([]);
  });
});
