import { createLoader, parseAsString } from 'nuqs/server';

/** The page of credentials in its URL: which one is open. */
export const credentialParsers = { credential: parseAsString };
export const loadCredentialUrl = createLoader(credentialParsers);

/** Credentials on one page of the list. */
export const credentialPageItems = 100;

/** How often an open revocation is asked about while it goes on. */
export const revocationRefetchMs = 1000;
