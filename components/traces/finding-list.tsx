import { ScanSearch } from 'lucide-react';
import type { Finding } from '#server/telemetry/contract.ts';
import { UntrustedInline } from '../ui/untrusted-text.tsx';

/** What the guard saw: what kind, by which detector, where in the payload, and why it matters. */
export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1">
      {findings.map((finding, index) => (
        <li
          key={index}
          className="flex items-start gap-2 rounded border border-high/40 bg-high/8 px-2 py-1.5 text-xs"
        >
          <ScanSearch aria-hidden className="mt-0.5 size-3.5 shrink-0 text-high" />
          <span className="min-w-0">
            <span className="font-medium">{finding.type.replaceAll('_', ' ')}</span>{' '}
            <span className="text-ink-faint">by {finding.detector} at</span>{' '}
            <UntrustedInline text={finding.path === '' ? '/' : finding.path} charsMax={120} />
            <span className="block text-ink-muted">{finding.detail}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
