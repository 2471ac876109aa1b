import { redirect } from 'next/navigation';
import { requirePageSession } from '#server/auth/page-session.ts';
import { settingsSectionsOf } from '#server/auth/settings-sections.ts';
import { links } from '#server/kernel/links.ts';

/** Leads to the first section that the person may see; everyone may see the last. */
export default async function SettingsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  redirect(links.settings(tenant, settingsSectionsOf(ctx.actor)[0] ?? 'account'));
}
