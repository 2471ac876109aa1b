import { cookies, headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import type { Ctx, Membership, SignedInPerson } from '#server/kernel/context.ts';
import { newRequestId } from '#server/kernel/ids.ts';
import { links } from '#server/kernel/links.ts';
import { services } from '#server/kernel/services.ts';
import { readSignIn, scopeOf } from './read-sign-in.ts';
import { isSecure } from './request-context.ts';
import { signInCookieName, signInIdOf } from './sign-in-cookie.ts';

/** What a page of a tenant knows of whoever opened it. */
export interface PageSession {
  readonly ctx: Ctx;
  readonly person: SignedInPerson;
  readonly tenant: Membership;
}

/** Whoever opened this page, or null; read once for a page and its layouts. */
export const readPagePerson = cache(async (): Promise<SignedInPerson | null> => {
  const { db, secrets, url } = services();
  const cookie = (await cookies()).get(signInCookieName(isSecure(url)));
  const signInId = await signInIdOf(cookie?.value ?? null, secrets.session);
  return signInId === null ? null : readSignIn(db, signInId, { isActivity: true });
});

/**
 * The gate of every page below `/t/<tenant>`: goes to the sign-in page and back without a valid
 * sign-in, and answers 404 for a tenant that is foreign or does not exist, which look the same.
 */
export async function requirePageSession(tenantSlug: string): Promise<PageSession> {
  const person = await readPagePerson();
  if (!person) return redirect(links.signIn(await pathOfPage(tenantSlug)));
  const tenant = person.tenants.find((one) => one.slug === tenantSlug);
  if (!tenant) return notFound();
  return { ctx: scopeOf(services().db, person, tenantSlug, newRequestId()), person, tenant };
}

/** Where the person wanted to go: the proxy tells the path; without it, the tenant's first page. */
async function pathOfPage(tenantSlug: string): Promise<string> {
  const path = (await headers()).get('x-signalbox-path');
  return path?.startsWith('/t/') === true ? path : links.overview(tenantSlug);
}
