import { profileRun } from '#server/guard/internal/measure-run.ts';
import type { SecretName } from '#server/guard/judge-secret-name.ts';

/** What stands where a secret would, in documents, forms, schemas and code. */
const stopWords: ReadonlySet<string> = new Set(
  (
    'required optional string str text none null nil undefined true false empty changed reset expired ' +
    'incorrect invalid wrong missing field hidden masked redacted hash hashed protected password passwd ' +
    'secret token key bearer basic digest example placeholder your yourpassword changeme-later number ' +
    'integer boolean object array input value default unknown unset disabled enabled prompt the this that ' +
    'not must should cannot please enter type here correct okay yes no and for with from any self user ' +
    'policy manager reminder forgotten forgot strength confirmation updated stored encrypted sent only'
  ).split(' '),
);

/** Variable references, templates, calls and masks instead of a value. */
const reference =
  /^(?:[$<%*{([]|process\.env|os\.(?:environ|getenv)|env\.|getenv|config\.|self\.|this\.|args\.|x{4,}$|X{4,}$|•|\.\.\.|-+$|\\?u[0-9a-f]{4}$)/;

const isSame = (value: string): boolean => /^(.)\1*$/.test(value.slice(0, 64));

/** True for `API_KEY` or `config.secretToken`: the name of a value rather than one. */
function isName(value: string): boolean {
  return (
    /^[A-Z][A-Z_]+$/.test(value) || /^[A-Za-z_]+(?:\.[A-Za-z_]+){1,4}$/.test(value.slice(0, 128))
  );
}

function isPassword(value: string, isQuoted: boolean, endsLine: boolean): boolean {
  if (value.length < (isQuoted ? 3 : 4) || value.length > 512) return false;
  const words = value.toLowerCase().split(/\s+/);
  if (words.length > 6 || words.some((word) => stopWords.has(word.replace(/[^a-z-]/g, ''))))
    return false;
  if (isQuoted) return true;
  if (value.includes('(')) return false;
  return endsLine || /[0-9]|[^A-Za-z0-9\s].|[a-z][A-Z]/.test(value);
}

function isOpaque(value: string): boolean {
  if (value.length < 8 || /[\s()]/.test(value.slice(0, 256))) return false;
  const { digits, uppers, lowers, distinct } = profileRun(value, 0, value.length);
  if (digits === Math.min(value.length, 128) || distinct < 5) return false;
  if (digits === 0) return value.length >= 20 && uppers >= 3 && lowers >= 3 && !isName(value);
  return true;
}

/** How a candidate value stood in its text. */
export interface ValueSetting {
  readonly isQuoted: boolean;
  /** Nothing follows on its line. */
  readonly endsLine: boolean;
}

/**
 * Decides whether the value of a field or variable whose name speaks of a secret is one, or the
 * ordinary text that documents, forms and code put there ("required", `os.environ[…]`, `<token>`).
 */
export function isSecretValue(value: string, name: SecretName, setting: ValueSetting): boolean {
  if (name === 'none' || value.length === 0) return false;
  if (name === 'numeric') return /^\d{3,8}$/.test(value) || (value.length > 12 && isOpaque(value));
  const head = value.slice(0, 256);
  if (reference.test(head) || isSame(head) || stopWords.has(head.toLowerCase())) return false;
  if (name === 'password') return isPassword(value, setting.isQuoted, setting.endsLine);
  if (name === 'header') return value.length >= 6;
  return isOpaque(value);
}
