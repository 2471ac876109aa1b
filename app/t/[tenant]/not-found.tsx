import { EmptyState } from '#components/ui/state-panel.tsx';

/** An object of this tenant that is not there. */
export default function NotFound() {
  return (
    <EmptyState title="There is nothing here">
      The address may be mistyped, or what it named is no longer kept.
    </EmptyState>
  );
}
