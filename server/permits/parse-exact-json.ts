import { isOwnDouble } from '#server/ingest/exact-numbers.ts';
import { parseOrRefuse, requireBounded } from '#server/ingest/parse-json.ts';
import { endOfNumber, endOfString, isNumberStart } from '#server/ingest/scan-json.ts';
import { AppError } from '#server/kernel/errors.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A request body of a decision path as JSON, without anything that two readers could read
 * differently: a key that comes twice, a number that is not its own double, a lone surrogate, U+0000.
 * Nesting is bounded before anything is parsed.
 * @throws AppError `bad_request` for what is no JSON, `unrepresentable` with a JSON pointer
 */
export function parseExactJson(body: Uint8Array): unknown {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not valid UTF-8.', { cause });
  }
  requireBounded(text);
  const value = parseOrRefuse(text);
  requireExact(text);
  return value;
}

/** Where the walk stands inside one object or array. */
interface Level {
  /** Keys seen so far; null inside an array. */
  readonly keys: Set<string> | null;
  /** The key or index of the value that comes next. */
  at: string | number;
  isKeyNext: boolean;
}

/** One pass over a text that is known to be JSON. @throws AppError `unrepresentable` */
function requireExact(text: string): void {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const level = levels.at(-1);
    if (code === 0x22) {
      const end = endOfString(text, at);
      readString(text.slice(at, end + 1), levels);
      at = end;
    } else if (code === 0x7b) {
      levels.push({ keys: new Set(), at: '', isKeyNext: true });
    } else if (code === 0x5b) {
      levels.push({ keys: null, at: 0, isKeyNext: false });
    } else if (code === 0x7d || code === 0x5d) {
      levels.pop();
    } else if (code === 0x2c && level !== undefined) {
      if (typeof level.at === 'number') level.at += 1;
      else level.isKeyNext = true;
    } else if (isNumberStart(code)) {
      const end = endOfNumber(text, at);
      const token = text.slice(at, end);
      if (!isOwnDouble(token)) refuse(levels, 'a number that a double cannot hold; send a string');
      at = end - 1;
    }
  }
}

/** A string token: a key of the innermost object, or a value. */
function readString(token: string, levels: readonly Level[]): void {
  const text: unknown = JSON.parse(token);
  const level = levels.at(-1);
  if (typeof text !== 'string') return;
  if (level?.keys && level.isKeyNext) {
    level.at = text;
    level.isKeyNext = false;
    if (level.keys.has(text)) refuse(levels, 'a key that comes twice');
    level.keys.add(text);
  }
  if (text.includes('\0')) refuse(levels, 'a text with U+0000');
  if (!text.isWellFormed()) refuse(levels, 'a text with a lone surrogate');
}

function refuse(levels: readonly Level[], what: string): never {
  const pointer = levels.map((level) => `/${escapePart(String(level.at))}`).join('');
  throw new AppError('unrepresentable', `At ${pointer === '' ? 'the root' : pointer}: ${what}.`, {
    extras: { pointer },
  });
}

/** RFC 6901, section 3; what no header or log line takes is replaced. */
function escapePart(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1').toWellFormed().replaceAll('\0', '�');
}
