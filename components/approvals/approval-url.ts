import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';

const views = ['waiting', 'history'] as const;
/** Risk bands, worst first. */
export const bands = ['critical', 'high', 'medium', 'low'] as const;

/** The filters of the list as its URL holds them; null where nothing is chosen. */
export interface ApprovalUrlFilters {
  readonly view: (typeof views)[number];
  readonly band: (typeof bands)[number] | null;
  readonly agent: string | null;
  readonly tool: string | null;
}

/** The queue in its URL: what it shows and which request is open. Page and component read the same. */
export const approvalUrlParsers = {
  approval: parseAsString,
  view: parseAsStringLiteral(views).withDefault('waiting'),
  band: parseAsStringLiteral(bands),
  agent: parseAsString,
  tool: parseAsString,
};

/** Reads the same on the server. */
export const loadApprovalUrl = createLoader(approvalUrlParsers);
