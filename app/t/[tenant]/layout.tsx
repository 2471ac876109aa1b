import type { ReactNode } from 'react';
import { ContainmentRulesProvider } from '#components/containments/containment-rules.tsx';
import { AppShell } from '#components/shell/app-shell.tsx';
import { StopProvider } from '#components/stops/stop-context.tsx';
import { TenantProvider } from '#components/trpc/provider.tsx';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { describePerson } from '#server/auth/queries.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { readStanding } from '#server/containment/read-standing.ts';
import { limits } from '#server/kernel/limits.ts';

/** The gate of a tenant's pages, and what stands around them. */
export default async function TenantLayout(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly children: ReactNode;
}) {
  const { tenant: slug } = await props.params;
  const { ctx, person, tenant } = await requirePageSession(slug);
  const asShown = (one: typeof tenant) => ({ slug: one.slug, name: one.name, isDemo: one.isDemo });
  // A stop that stands is in the first picture of every page.
  await prefetch(pageTrpc.stops.standing.queryKey(), () => readStanding(ctx));
  return (
    <TenantProvider tenant={tenant.slug} personId={person.userId}>
      <HydrateClient>
        <StopProvider tenant={tenant.slug} refusal={refusalOf(ctx.actor, 'stops.place')}>
          <AppShell
            person={{ name: person.name, email: person.email }}
            tenant={asShown(tenant)}
            tenants={person.tenants.map(asShown)}
            permissions={describePerson(person, slug).current?.permissions ?? []}
          >
            <ContainmentRulesProvider
              rules={{
                beginRefusal: refusalOf(ctx.actor, 'containments.begin'),
                confirmRefusal: refusalOf(ctx.actor, 'credentials.revoke'),
                releaseRefusal: refusalOf(ctx.actor, 'stops.lift'),
                evidenceRefusal: refusalOf(ctx.actor, 'evidence.export'),
                reasonCharsMax: limits.stopReasonCharsMax,
              }}
            >
              {props.children}
            </ContainmentRulesProvider>
          </AppShell>
        </StopProvider>
      </HydrateClient>
    </TenantProvider>
  );
}
