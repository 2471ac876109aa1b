import { buttonLook } from '#components/ui/button-look.ts';
import { Link } from '#components/ui/link.tsx';
import { EmptyState } from '#components/ui/state-panel.tsx';

/** No such page, or none that this person may know of: both look the same. */
export default function NotFound() {
  return (
    <main className="flex min-h-dvh flex-1">
      <h1 className="sr-only">Not found</h1>
      <EmptyState
        title="There is nothing here"
        action={
          <Link href="/" className={buttonLook({ look: 'plain' })}>
            To the start
          </Link>
        }
      >
        The address may be mistyped, or it belongs to a tenant that does not count you in.
      </EmptyState>
    </main>
  );
}
