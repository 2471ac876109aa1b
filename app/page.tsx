import { redirect } from 'next/navigation';
import { DeniedState } from '#components/ui/state-panel.tsx';
import { readPagePerson } from '#server/auth/page-session.ts';
import { links } from '#server/kernel/links.ts';

/** Leads to the person's first tenant, or to the sign-in page. */
export default async function StartPage() {
  const person = await readPagePerson();
  if (person === null) redirect(links.signIn());
  const [tenant] = person.tenants;
  if (tenant !== undefined) redirect(links.overview(tenant.slug));
  return (
    <main className="flex min-h-dvh">
      <h1 className="sr-only">Signalbox</h1>
      <DeniedState title="You belong to no tenant">
        Your account exists, but no tenant counts you in. Ask an administrator to add you.
      </DeniedState>
    </main>
  );
}
