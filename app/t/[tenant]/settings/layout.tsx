import type { ReactNode } from 'react';
import { SettingsFrame } from '#components/settings/settings-frame.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { settingsSectionsOf } from '#server/auth/settings-sections.ts';

/** The frame of the settings, with the sections that this person may see. */
export default async function SettingsLayout(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly children: ReactNode;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  return (
    <SettingsFrame tenant={tenant} sections={settingsSectionsOf(ctx.actor)}>
      {props.children}
    </SettingsFrame>
  );
}
