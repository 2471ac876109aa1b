/**
 * Every path of the pages, built in one place. Arguments are escaped here and nowhere else.
 * `tenant` is the tenant's slug.
 */
const part = encodeURIComponent;

function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

type Filter = Readonly<Record<string, string | number | null | undefined>>;

/** Parts of the settings, in the order of their tabs. `account` is the person's own. */
export type SettingsSection =
  | 'people'
  | 'keys'
  | 'tools'
  | 'canaries'
  | 'channels'
  | 'transmitters'
  | 'account';

export const links = {
  signIn: (next?: string) => withQuery('/login', { next }),
  overview: (tenant: string) => `/t/${part(tenant)}`,
  alerts: (tenant: string, filter: Filter = {}) => withQuery(`/t/${part(tenant)}/alerts`, filter),
  alert: (tenant: string, id: string) => withQuery(`/t/${part(tenant)}/alerts`, { alert: id }),
  traces: (tenant: string, filter: Filter = {}) => withQuery(`/t/${part(tenant)}/traces`, filter),
  trace: (tenant: string, id: string, at: { event?: string; at?: number } = {}) =>
    withQuery(`/t/${part(tenant)}/traces/${part(id)}`, at),
  agents: (tenant: string, filter: Filter = {}) => withQuery(`/t/${part(tenant)}/agents`, filter),
  agent: (tenant: string, slug: string) => withQuery(`/t/${part(tenant)}/agents`, { agent: slug }),
  rules: (tenant: string, filter: Filter = {}) => withQuery(`/t/${part(tenant)}/rules`, filter),
  rule: (tenant: string, id: string) => withQuery(`/t/${part(tenant)}/rules`, { rule: id }),
  /**
   * The workbench over a rule, over a copy of one (`copy`), over a filter of one (`filter`), or over a
   * new one.
   */
  workbench: (tenant: string, what: { rule?: string; copy?: string; filter?: string } = {}) =>
    withQuery(`/t/${part(tenant)}/rules/workbench`, what),
  audit: (tenant: string, filter: Filter = {}) => withQuery(`/t/${part(tenant)}/audit`, filter),
  approvals: (tenant: string, filter: Filter = {}) =>
    withQuery(`/t/${part(tenant)}/approvals`, filter),
  approval: (tenant: string, id: string) =>
    withQuery(`/t/${part(tenant)}/approvals`, { approval: id }),
  stops: (tenant: string, filter: Filter = {}) => withQuery(`/t/${part(tenant)}/stops`, filter),
  stop: (tenant: string, id: string) => withQuery(`/t/${part(tenant)}/stops`, { stop: id }),
  drills: (tenant: string, filter: Filter = {}) =>
    withQuery(`/t/${part(tenant)}/stops/drills`, filter),
  credentials: (tenant: string, filter: Filter = {}) =>
    withQuery(`/t/${part(tenant)}/credentials`, filter),
  credential: (tenant: string, id: string) =>
    withQuery(`/t/${part(tenant)}/credentials`, { credential: id }),
  /** A filtered list as a file; `filter` as the list's own query takes it. */
  exported: (tenant: string, list: string, format: string, filter: object) =>
    withQuery(`/api/v1/exports/${part(list)}`, { tenant, format, filter: JSON.stringify(filter) }),
  /** What a containment has preserved, as a file. */
  evidence: (tenant: string, containmentId: string) =>
    withQuery(`/api/v1/containments/${part(containmentId)}/evidence`, { tenant }),
  connect: (tenant: string) => `/t/${part(tenant)}/connect`,
  /** Without a section, the first that the person may see. */
  settings: (tenant: string, section?: SettingsSection) =>
    section === undefined
      ? `/t/${part(tenant)}/settings`
      : `/t/${part(tenant)}/settings/${section}`,
} as const;
