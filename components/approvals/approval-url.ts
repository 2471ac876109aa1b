import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';

const views = ['waiting', 'history'] as const;
const bands = ['critical', 'high', 'medium', 'low'] as const;

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
