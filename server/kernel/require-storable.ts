import { AppError } from './errors.ts';

/**
 * Refuses a decoded input with a text that the database does not keep as it is: U+0000, which it
 * refuses in the midst of a statement, and lone surrogates, which become another text on the way.
 * Only what JSON itself can hold is looked through: nothing else passes the schemas of our inputs.
 * The nesting is bounded before anything is parsed (`server/http/routes/bound-payload.ts`).
 * @throws AppError `unrepresentable` with a JSON pointer
 */
export function requireStorable(value: unknown, pointer = ''): void {
  if (typeof value === 'string') {
    requireText(value, pointer);
  } else if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => requireStorable(item, `${pointer}/${index}`));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const place = `${pointer}/${escapePart(name)}`;
      requireText(name, place);
      requireStorable(member, place);
    }
  }
}

function requireText(text: string, pointer: string): void {
  if (!text.includes('\0') && text.isWellFormed()) return;
  const what = text.includes('\0') ? 'U+0000' : 'a lone surrogate';
  const place = pointer === '' ? 'the root' : pointer;
  throw new AppError('unrepresentable', `At ${place}: a text with ${what}; take it out.`, {
    extras: { pointer },
  });
}

/** Of a name in a pointer so much is repeated: it is the sender's own text. */
const partCharsMax = 64;

/** RFC 6901, section 3; what no header or log line takes is replaced. */
function escapePart(part: string): string {
  const cut = part.slice(0, partCharsMax).toWellFormed().replaceAll('\0', '�');
  return cut.replaceAll('~', '~0').replaceAll('/', '~1');
}
