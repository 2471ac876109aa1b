import { parseArgs } from 'node:util';
import { type Command, type ExitCode, UsageError } from './cli/command.ts';
import { isAppError } from './kernel/errors.ts';
import { readEnv } from './kernel/env.ts';

/** Every command, by its words; each is loaded only when it is called. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./cli/up.ts')).upCommand,
  web: async () => (await import('./cli/web.ts')).webCommand,
  worker: async () => (await import('./cli/worker.ts')).workerCommand,
  'tenant create': async () => (await import('./cli/tenant-create.ts')).tenantCreateCommand,
  'user create': async () => (await import('./cli/user-create.ts')).userCreateCommand,
  'key create': async () => (await import('./cli/key-create.ts')).keyCreateCommand,
  'data-key rotate': async () => (await import('./cli/data-key-rotate.ts')).dataKeyRotateCommand,
  'master-key rotate': async () =>
    (await import('./cli/master-key-rotate.ts')).masterKeyRotateCommand,
  replay: async () => (await import('./cli/replay.ts')).replayCommand,
  'demo start': async () => (await import('./cli/demo.ts')).demoStartCommand,
  'demo stop': async () => (await import('./cli/demo.ts')).demoStopCommand,
  'demo remove': async () => (await import('./cli/demo.ts')).demoRemoveCommand,
  'demo run': async () => (await import('./cli/demo-run.ts')).demoRunCommand,
  stop: async () => (await import('./cli/stop.ts')).stopCommand,
  stops: async () => (await import('./cli/stop.ts')).stopsCommand,
  lift: async () => (await import('./cli/stop.ts')).liftCommand,
  'guard train': async () => (await import('./cli/guard-model.ts')).guardTrainCommand,
  'guard eval': async () => (await import('./cli/guard-model.ts')).guardEvalCommand,
  doctor: async () => (await import('./cli/doctor.ts')).doctorCommand,
  migrate: async () => (await import('./cli/migrate.ts')).migrateCommand,
};

/** Commands that `up` calls; a person has no use for them. */
const internalCommands = new Set(['demo run']);

const printError = (line: string) => process.stderr.write(`${line}\n`);

async function showOverview(): Promise<void> {
  printError('Signalbox, the control room for AI agents.\n\nusage: signalbox <command>\n');
  for (const [name, load] of Object.entries(commands)) {
    if (internalCommands.has(name)) continue;
    const command = await load();
    printError(`  ${name} ${command.usage}`.trimEnd());
    printError(`      ${command.summary}`);
  }
  printError('\nEvery command takes --json: one JSON object on the last line of standard output.');
}

/** The longest name in the table that the arguments begin with. */
function findCommand(args: readonly string[]): { name: string; rest: readonly string[] } | null {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    if (args.length >= words && Object.hasOwn(commands, name)) {
      return { name, rest: args.slice(words) };
    }
  }
  return null;
}

async function runCommand(command: Command, rest: readonly string[]): Promise<ExitCode> {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...rest],
      options: { ...command.options, json: { type: 'boolean' } },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const count = parsed.positionals.length;
  if (count < command.positionalsMin) throw new UsageError('an argument is missing');
  if (count > command.positionalsMax) {
    throw new UsageError(`unexpected argument ${parsed.positionals[command.positionalsMax] ?? ''}`);
  }
  return command.run({
    env: readEnv(),
    positionals: parsed.positionals,
    flags: parsed.values,
    say: printError,
    answer: (value, text) => {
      process.stdout.write(parsed.values['json'] ? `${JSON.stringify(value)}\n` : `${text}\n`);
    },
  });
}

/** The message, and that of what caused it: a failed query alone does not say why it failed. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isAppError(error) || !(error.cause instanceof Error)) return error.message;
  return error.message.includes(error.cause.message)
    ? error.message
    : `${error.message} (${error.cause.message})`;
}

/** One sentence for a person, and for a program with --json one object on standard output. */
function showFailure(error: unknown, isJson: boolean): void {
  const text = describeError(error);
  printError(`signalbox: ${text}`);
  if (!isJson) return;
  const code =
    error instanceof UsageError ? 'wrong_usage' : isAppError(error) ? error.code : 'failed';
  process.stdout.write(`${JSON.stringify({ error: { code, detail: text } })}\n`);
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const isJson = args.includes('--json');
  if (args.length === 0 || args[0] === '--help' || args[0] === 'help') {
    await showOverview();
    return args.length === 0 ? 2 : 0;
  }
  const found = findCommand(args);
  if (!found) {
    await showOverview();
    showFailure(new UsageError(`there is no command "${args.join(' ')}"`), isJson);
    return 2;
  }
  const command = await commands[found.name]?.();
  if (!command) return 2;
  const usage = `usage: signalbox ${found.name} ${command.usage}`.trimEnd();
  if (found.rest.includes('--help')) {
    printError(`${usage}\n${command.summary}`);
    return 0;
  }
  try {
    return await runCommand(command, found.rest);
  } catch (error) {
    if (error instanceof UsageError) printError(usage);
    showFailure(error, isJson);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exit(await main(process.argv.slice(2)));
