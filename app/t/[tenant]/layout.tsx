import type { ReactNode } from 'react';
import { AppShell } from '#components/shell/app-shell.tsx';
import { TenantProvider } from '#components/trpc/provider.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { describePerson } from '#server/auth/queries.ts';

/** The gate of a tenant's pages, and what stands around them. */
export default async function TenantLayout(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly children: ReactNode;
}) {
  const { tenant: slug } = await props.params;
  const { person, tenant } = await requirePageSession(slug);
  const asShown = (one: typeof tenant) => ({ slug: one.slug, name: one.name, isDemo: one.isDemo });
  return (
    <TenantProvider tenant={tenant.slug} personId={person.userId}>
      <AppShell
        person={{ name: person.name, email: person.email }}
        tenant={asShown(tenant)}
        tenants={person.tenants.map(asShown)}
        permissions={describePerson(person, slug).current?.permissions ?? []}
      >
        {props.children}
      </AppShell>
    </TenantProvider>
  );
}
