import { join, resolve } from 'node:path';
import { z } from 'zod';

const flag = z
  .enum(['0', '1', 'true', 'false'])
  .transform((value) => value === '1' || value === 'true');

const envSchema = z.object({
  /** The public port and address of the one HTTP server. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** The folder that the checkout lies in; the shim sets it. */
  SIGNALBOX_ROOT: z.string().optional(),
  /** Data folder: embedded database, secret files, stop file. */
  SIGNALBOX_DATA_DIR: z.string().min(1).optional(),
  /** Three logins, never one that changes role. */
  DATABASE_URL: z.string().optional(),
  SIGNALBOX_WORKER_DATABASE_URL: z.string().optional(),
  SIGNALBOX_OWNER_DATABASE_URL: z.string().optional(),
  /** The public address, with which links and cookies are made. */
  SIGNALBOX_URL: z.url().optional(),
  SIGNALBOX_TRUST_PROXY: z.string().optional(),
  /** Secret files, mode 0600; `up` makes them in the data folder. */
  SIGNALBOX_SECRET_FILE: z.string().optional(),
  SIGNALBOX_MASTER_KEY_FILE: z.string().optional(),
  /** The master key itself, where a platform hands out secrets by the environment; before the file. */
  SIGNALBOX_MASTER_KEY: z.string().trim().min(32).optional(),
  /** The master key before the present one, by file or value, while it is exchanged. */
  SIGNALBOX_MASTER_KEY_PREVIOUS_FILE: z.string().optional(),
  SIGNALBOX_MASTER_KEY_PREVIOUS: z.string().trim().min(32).optional(),
  SIGNALBOX_LOG_KEY_FILE: z.string().optional(),
  SIGNALBOX_PERMIT_KEY_FILE: z.string().optional(),
  /** While this file is there, this host refuses every action: `STOP` in the data folder unless set. */
  SIGNALBOX_STOP_FILE: z.string().optional(),
  /** Password of the first people instead of a printed random one. */
  SIGNALBOX_BOOTSTRAP_PASSWORD: z.string().optional(),
  /** Bearer token of /metrics; without one the endpoint answers 404. */
  SIGNALBOX_METRICS_TOKEN: z.string().min(16).optional(),
  /** A classifier of injections beside our own; texts that are scanned are sent there. */
  SIGNALBOX_CLASSIFIER_URL: z.url({ protocol: /^https?$/ }).optional(),
  SIGNALBOX_CLASSIFIER_TOKEN: z.string().min(1).optional(),
  /** Mail server for channels by e-mail, `smtps://user:password@host`, and whom mail is from. */
  SIGNALBOX_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  SIGNALBOX_MAIL_FROM: z.email().optional(),
  /** `host:port` of receivers in private networks that webhooks may reach, separated by commas. */
  SIGNALBOX_PRIVATE_RECEIVERS: z.string().default(''),
  /** `host[:port]`, comma-separated: providers of credentials that may have private addresses. */
  SIGNALBOX_PROVIDER_HOSTS: z.string().optional(),
  SIGNALBOX_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Real inputs for tests and benches; absent on a user's clone. */
  SIGNALBOX_TESTDATA: z.string().optional(),
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
  CI: flag.or(z.string().transform((value) => value !== '')).default(false),
});

export type Env = z.infer<typeof envSchema>;

/**
 * The environment, parsed: the only reader of `process.env` beside configuration files.
 * @throws Error naming each variable that is wrong.
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = envSchema.safeParse(given);
  if (!parsed.success)
    throw new Error(`The environment is wrong.\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The data folder as an absolute path: `.signalbox` in the checkout unless set. */
export function dataDir(env: Env): string {
  const root = env.SIGNALBOX_ROOT ?? process.cwd();
  return resolve(root, env.SIGNALBOX_DATA_DIR ?? '.signalbox');
}

/** Path of one of the four secret files. */
export function secretFile(
  env: Env,
  which: 'SECRET' | 'MASTER_KEY' | 'LOG_KEY' | 'PERMIT_KEY',
): string {
  const set = env[`SIGNALBOX_${which}_FILE`];
  return set ?? join(dataDir(env), `${which.toLowerCase().replace('_', '-')}.secret`);
}

/** Path of the former master key, which is there only from an exchange on. */
export function previousMasterKeyFile(env: Env): string {
  const set = env.SIGNALBOX_MASTER_KEY_PREVIOUS_FILE;
  return set ?? join(dataDir(env), 'master-key-previous.secret');
}

/** Path of the stop file. */
export function stopFile(env: Env): string {
  return env.SIGNALBOX_STOP_FILE ?? join(dataDir(env), 'STOP');
}

/** The environment of a child process: ours plus `extra`. */
export function childEnv(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}
