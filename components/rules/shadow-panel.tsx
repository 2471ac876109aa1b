'use client';

import { useQuery } from '@tanstack/react-query';
import type { RuleDetail } from '#server/detection/contract.ts';
import { useLiveRefetch } from '../live/use-live-refetch.ts';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { WouldBeAlerts } from './would-be-alerts.tsx';

/** At most so often the report is read again while events come in. */
const refetchMs = 1000;

function ShadowReport(props: { readonly tenant: string; readonly ruleId: string }) {
  const trpc = useTRPC();
  const report = useQuery(trpc.rules.shadowReport.queryOptions({ id: props.ruleId })).data;
  useLiveRefetch({
    // A match is noted behind its event, and told by nobody: the next sign of life finds it.
    concerns: () => true,
    // The rule too: the change may be approved elsewhere while somebody watches it here.
    queryKeys: [
      trpc.rules.shadowReport.queryKey({ id: props.ruleId }),
      trpc.rules.get.queryKey({ id: props.ruleId }),
    ],
    periodMs: refetchMs,
  });
  if (report === undefined || report === null) return null;
  return (
    <div className="flex flex-col gap-2.5">
      <p>
        <strong className="font-semibold">
          {report.isCut ? 'At least ' : ''}
          {formatCounted(report.alerts, 'alert')} it would have opened
        </strong>
        {report.since === null ? null : (
          <>
            {' '}
            since <RelativeTime at={report.since} />
          </>
        )}
        .
      </p>
      {report.alertsOpened === null ? null : (
        <p className="text-xs text-ink-muted">
          The version that runs has opened {formatCounted(report.alertsOpened, 'alert')} in the same
          time.
        </p>
      )}
      <WouldBeAlerts tenant={props.tenant} label="Matched in the shadow" alerts={report.samples} />
    </div>
  );
}

/** Runs the saved text beside the rules that alert: logged, and nobody is told. */
export function ShadowPanel(props: {
  readonly tenant: string;
  readonly rule: RuleDetail | null;
  /** Why it cannot be switched now, one sentence; null when it can. */
  readonly refusal: string | null;
  readonly isBusy: boolean;
  readonly onSwitch: (isOn: boolean) => void;
}) {
  const proposal = props.rule?.proposal ?? null;
  const isOn = proposal?.state === 'shadow';
  return (
    <div className="flex flex-col gap-3">
      <div>
        <Button
          isBusy={props.isBusy}
          disabledReason={isOn ? null : props.refusal}
          onClick={() => props.onSwitch(!isOn)}
        >
          {isOn ? 'End the shadow' : 'Run in the shadow'}
        </Button>
      </div>
      {isOn && props.rule !== null ? (
        <ShadowReport tenant={props.tenant} ruleId={props.rule.id} />
      ) : (
        <p className="text-xs text-ink-muted">
          Matches it against what comes in from now on and logs what it would open. It alerts
          nobody.
        </p>
      )}
    </div>
  );
}
