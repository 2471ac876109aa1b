import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { actorTypes, auditActions } from '#server/audit/states/contract.ts';

/** The explorer in its URL: its filters, and the row that is open. Page and component read the same. */
export const auditUrlParsers = {
  row: parseAsString,
  actor: parseAsString,
  type: parseAsStringLiteral(actorTypes),
  action: parseAsStringLiteral(auditActions),
  subject: parseAsString,
  range: parseAsString,
};

/** Reads the same on the server. */
export const loadAuditUrl = createLoader(auditUrlParsers);
