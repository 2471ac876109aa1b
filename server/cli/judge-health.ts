/** One line of `doctor`: what was looked at, whether it is well, and what to do if it is not. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Sign-ins, keys and alerts are timed by the database; events by their senders. */
const clockDifferenceMsMax = 2_000;
/** A reader that is further behind than this makes alerts late. */
const lagSecondsMax = 30;
const diskFreeBytesMin = 2 * 1024 ** 3;
/** A process that has not said for this long that it lives counts as gone. */
export const silentSecondsMax = 30;

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `versionNum` as Postgres has it: 180004. */
export function judgeVersion(versionNum: number, majorMin: number): Check {
  const major = Math.floor(versionNum / 10_000);
  const ok = major >= majorMin;
  const detail = ok
    ? `Postgres ${major} answers`
    : `Postgres ${major} is too old; move to ${majorMin} or newer`;
  return { name: 'database', ok, detail };
}

export function judgeMigrations(applied: number, known: number): Check {
  const name = 'migrations';
  if (applied === known) return { name, ok: true, detail: `all ${known} migrations are applied` };
  const detail =
    applied < known
      ? `${plural(known - applied, 'migration')} to apply; run "signalbox migrate"`
      : 'the database is newer than this checkout; update the checkout';
  return { name, ok: false, detail };
}

/** `differenceMs`: our clock minus the database's. */
export function judgeClock(differenceMs: number): Check {
  const ok = Math.abs(differenceMs) <= clockDifferenceMsMax;
  const way = differenceMs > 0 ? 'ahead of' : 'behind';
  const detail = ok
    ? `this machine and the database differ by ${Math.round(Math.abs(differenceMs))} ms`
    : `this machine is ${(Math.abs(differenceMs) / 1000).toFixed(1)} s ${way} the database; set both by NTP`;
  return { name: 'clock', ok, detail };
}

export interface SeenProcess {
  readonly role: string;
  readonly host: string;
  readonly fingerprints: string;
  readonly silentSeconds: number;
}

/** Whether a web and a worker live. */
export function judgeProcesses(seen: readonly SeenProcess[]): Check {
  const live = seen.filter((one) => one.silentSeconds <= silentSecondsMax);
  const count = (role: string) => live.filter((one) => one.role === role).length;
  const missing = ['web', 'worker'].filter((role) => count(role) === 0);
  const ok = missing.length === 0;
  const detail = ok
    ? `${count('web')} web and ${plural(count('worker'), 'worker')} live`
    : `no ${missing.join(' and no ')} lives; start "signalbox up"`;
  return { name: 'processes', ok, detail };
}

/** Whether this machine and all live processes have the same four secret files. */
export function judgeKeys(own: string | null, seen: readonly SeenProcess[]): Check {
  const name = 'keys';
  if (own === null) {
    return {
      name,
      ok: false,
      detail: 'the secret files are missing here or open to others; "signalbox up" makes them',
    };
  }
  const partsOf = (fingerprints: string) => new Set(fingerprints.split(' '));
  const ours = partsOf(own);
  const wrong = seen
    .filter((one) => one.silentSeconds <= silentSecondsMax)
    .flatMap((one) =>
      [...partsOf(one.fingerprints)]
        .filter((part) => !ours.has(part))
        .map((part) => `${part.split(':')[0]} of ${one.role} on ${one.host}`),
    );
  const ok = wrong.length === 0;
  const detail = ok
    ? 'all processes have the same secret files'
    : `other secret files: ${[...new Set(wrong)].join(', ')}; copy the four files from one machine`;
  return { name, ok, detail };
}

export function judgeDisk(freeBytes: number, folder: string): Check {
  const ok = freeBytes >= diskFreeBytesMin;
  const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
  return {
    name: 'disk',
    ok,
    detail: ok ? free : `only ${free}; make room before events are refused`,
  };
}

export interface ReaderLag {
  readonly consumer: string;
  readonly tenant: string;
  /** Age of the oldest event it has not read, in seconds; 0 when it has read all. */
  readonly behindSeconds: number;
}

/** Whether every reader of the log keeps up in every tenant. */
export function judgeLag(lags: readonly ReaderLag[]): Check {
  const late = lags.filter((one) => one.behindSeconds > lagSecondsMax);
  const ok = late.length === 0;
  const worst = Math.max(0, ...lags.map((one) => one.behindSeconds));
  const detail = ok
    ? `readers of the log are at most ${worst.toFixed(1)} s behind`
    : `behind: ${late
        .map((one) => `${one.consumer} of ${one.tenant} by ${Math.round(one.behindSeconds)} s`)
        .join(', ')}; is a worker running, and does it log errors?`;
  return { name: 'readers', ok, detail };
}

/** `admins`: how many people hold the role in each tenant. */
export function judgeAdmins(admins: ReadonlyMap<string, number>): Check {
  const name = 'administrators';
  if (admins.size === 0) {
    return { name, ok: false, detail: 'there is no tenant; run "signalbox tenant create NAME"' };
  }
  const without = [...admins].filter(([, count]) => count === 0).map(([tenant]) => tenant);
  const alone = [...admins].filter(([, count]) => count === 1).map(([tenant]) => tenant);
  if (without.length > 0) {
    return {
      name,
      ok: false,
      detail: `nobody can administer ${without.join(', ')}; run "signalbox user create EMAIL --tenant T --role admin"`,
    };
  }
  const warning = alone.length > 0 ? `; one only in ${alone.join(', ')}, a second is wise` : '';
  return { name, ok: true, detail: `every tenant has somebody to administer it${warning}` };
}
