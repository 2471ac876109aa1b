import { parseAsStringLiteral } from 'nuqs/server';
import { connectWays } from './prepare-snippets.ts';

/** The chosen way lies in the URL; a key never does. */
export const connectParsers = { way: parseAsStringLiteral(connectWays).withDefault('otlp') };
