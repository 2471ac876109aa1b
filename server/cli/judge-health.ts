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

/** Names and fingerprints of the secrets of a process: `MASTER_KEY:1f0c…`. */
const partsOf = (fingerprints: string): ReadonlySet<string> => new Set(fingerprints.split(' '));

/** Whether a process was given this master key, as the present one or the one before it. */
const holdsMasterKey = (parts: ReadonlySet<string>, fingerprint: string): boolean =>
  parts.has(`MASTER_KEY:${fingerprint}`) || parts.has(`MASTER_KEY_PREVIOUS:${fingerprint}`);

/** Living processes that do not know a master key, as a person names them: `web on one`. */
export function processesWithout(fingerprint: string, seen: readonly SeenProcess[]): string[] {
  const without = seen
    .filter((one) => one.silentSeconds <= silentSecondsMax)
    .filter((one) => !holdsMasterKey(partsOf(one.fingerprints), fingerprint))
    .map((one) => `${one.role} on ${one.host}`);
  return [...new Set(without)];
}

/**
 * Whether what wraps the data keys is known here, and is one key. `registered`: the names in the
 * database; `held`: what this machine's are called, the present one first; null = not in order.
 */
export function judgeMasterKey(
  registered: readonly string[],
  held: readonly string[] | null,
): Check {
  const name = 'master key';
  if (held === null) return { name, ok: false, detail: 'it cannot be read here' };
  if (registered.length === 0) return { name, ok: true, detail: 'no process was started yet' };
  const unknown = registered.filter((one) => !held.includes(one));
  if (unknown.length > 0) {
    const detail = `data keys are wrapped by ${unknown.join(', ')}, which is not here (${held.join(', ')})`;
    return { name, ok: false, detail };
  }
  if (registered.length > 1) {
    const detail = `an exchange is not finished (${registered.join(', ')}); run "signalbox master-key rotate" again`;
    return { name, ok: false, detail };
  }
  const next = registered[0] === held[0] ? '' : `; ${held[0]} is given and not in use yet`;
  return { name, ok: true, detail: `${registered[0]} wraps the data keys${next}` };
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
  const ours = partsOf(own);
  // While the master key is exchanged, the present one of some is the former one of others.
  const isOurs = (part: string): boolean => {
    const [which = '', fingerprint = ''] = part.split(':');
    return ours.has(part) || (which.startsWith('MASTER_KEY') && holdsMasterKey(ours, fingerprint));
  };
  const wrong = seen
    .filter((one) => one.silentSeconds <= silentSecondsMax)
    .flatMap((one) =>
      [...partsOf(one.fingerprints)]
        .filter((part) => !part.startsWith('MASTER_KEY_PREVIOUS:') && !isOurs(part))
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
