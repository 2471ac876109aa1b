'use client';

import type { CreatedKey } from '#server/auth/contract.ts';
import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Dialog } from '../ui/dialog.tsx';

/** A new key, shown this once: afterwards only its hash is left. */
export function IssuedKeyDialog(props: {
  readonly issued: CreatedKey;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      title="Your new key"
      footer={
        <Button look="primary" onClick={props.onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Banner tone="warn" className="rounded border px-3">
          This is the only time that it is shown. Signalbox keeps a hash of it and cannot show it
          again.
        </Banner>
        <CodeBlock label="Key" code={props.issued.key} />
        <p className="text-sm text-ink-muted">
          Send it as <code>Authorization: Bearer …</code>. In the list it goes by{' '}
          <code className="break-all">{props.issued.prefix}</code>.
        </p>
      </div>
    </Dialog>
  );
}
