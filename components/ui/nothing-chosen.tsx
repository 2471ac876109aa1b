'use client';

import { MousePointerClick } from 'lucide-react';
import { useDisplaySettings } from './display-settings-provider.tsx';
import { EmptyState } from './state-panel.tsx';

/**
 * The side beside a list while nothing of it is open. True of an empty list too, and names no key to
 * somebody who has switched single keys off.
 */
export function NothingChosen(props: {
  readonly noun: string;
  /** What another key does here, as a sentence. */
  readonly keyHint?: string;
}) {
  const { settings } = useDisplaySettings();
  const hasKeys = settings.keys === 'on';
  return (
    <EmptyState icon={<MousePointerClick />} title={`No ${props.noun} chosen`}>
      What you choose on the left{hasKeys ? ', or with j,' : ''} is shown here.
      {hasKeys && props.keyHint !== undefined ? ` ${props.keyHint}` : null}
    </EmptyState>
  );
}
