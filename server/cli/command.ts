import type { ParseArgsOptionsConfig } from 'node:util';
import type { Env } from '#server/kernel/env.ts';

/** Values of the flags of one call, as `parseArgs` of Node gives them. */
export type Flags = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>;

/** One call of a command: what it was given and where it answers. */
export interface Call {
  readonly env: Env;
  readonly positionals: readonly string[];
  readonly flags: Flags;
  /** A line for a person, on standard error. */
  readonly say: (line: string) => void;
  /**
   * The answer, on standard output, once: `value` as one line of JSON under `--json`, else `text`.
   */
  readonly answer: (value: Readonly<Record<string, unknown>>, text: string) => void;
}

/** Exit status of the process: 0 done, 1 failed, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** One entry of the closed table of commands. */
export interface Command {
  /** What stands behind the command's words: `FILE [--tenant T]`. */
  readonly usage: string;
  /** One line of the overview. */
  readonly summary: string;
  readonly options: ParseArgsOptionsConfig;
  readonly positionalsMin: number;
  readonly positionalsMax: number;
  readonly run: (call: Call) => Promise<ExitCode>;
}

/** Wrong usage: shown with the command's usage line; exit status 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The text of a flag, or `fallback`. @throws UsageError when the flag needs a value. */
export function textFlag(call: Pick<Call, 'flags'>, name: string, fallback: string): string {
  const value = call.flags[name];
  return typeof value === 'string' ? value : fallback;
}

/** The text of a flag that has to be there. @throws UsageError when it is not. */
export function requiredFlag(call: Pick<Call, 'flags'>, name: string): string {
  const value = call.flags[name];
  if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} is missing`);
  return value;
}

/** The values of a flag that may stand several times. */
export function listFlag(call: Pick<Call, 'flags'>, name: string): readonly string[] {
  const value = call.flags[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
