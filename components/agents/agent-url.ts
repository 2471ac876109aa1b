import { createLoader, parseAsString } from 'nuqs/server';

/** The fleet in its URL: what is searched for, and which agent is open. */
export const agentListParsers = { q: parseAsString, agent: parseAsString };
export const loadAgentListUrl = createLoader(agentListParsers);

/** Agents on one page of the list. */
export const agentPageItems = 100;
