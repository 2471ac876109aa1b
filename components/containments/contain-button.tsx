'use client';

import { ShieldBan } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { useContainmentRules } from './containment-rules.tsx';

// It comes when it is first asked for, or shortly before the press: no page carries it at once.
const loadDialog = () => import('./contain-dialog.tsx').then((parts) => parts.ContainDialog);
const ContainDialog = dynamic(loadDialog, { loading: () => null });

/** Opens the dialog that contains an agent; contains nothing by itself. */
export function ContainButton(props: {
  readonly tenant: string;
  readonly agent: string;
  /** The alert that it is asked from. */
  readonly alertId?: string;
  readonly size?: 'sm';
}) {
  const { beginRefusal } = useContainmentRules();
  const [isOpen, setIsOpen] = useState(false);
  const warm = () => void loadDialog().catch(() => undefined);
  return (
    <>
      <Button
        look="danger"
        {...(props.size === undefined ? {} : { size: props.size })}
        disabledReason={beginRefusal}
        onPointerEnter={warm}
        onFocus={warm}
        onClick={() => setIsOpen(true)}
      >
        <ShieldBan aria-hidden />
        Contain…
      </Button>
      {isOpen ? (
        <ContainDialog
          tenant={props.tenant}
          agent={props.agent}
          alertId={props.alertId ?? null}
          onClose={() => setIsOpen(false)}
        />
      ) : null}
    </>
  );
}
