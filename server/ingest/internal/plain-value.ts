import { judgeSecretName } from '#server/guard/judge-secret-name.ts';

/** Words without a digit. */
const plainWords = /^[A-Za-z][a-z_ .-]{0,30}$/;
const plainWordsCharsMax = 31;
/** As long as this a text may be an instruction. */
const spokenWordsCharsMax = 15;
/** A UUID, or a moment as ISO 8601 has it: of what tools return the most. */
const idOrMoment =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[12]\d{3}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)$/;
const idCharsMax = 36;

/**
 * Whether a value can be told at a glance to hold nothing, canaries aside: a word or two, an id, a moment.
 * Most values are such.
 *
 * @param name the field that holds it; one that names a secret makes any value worth a look
 * @param isRead whether texts here are read for instructions
 */
export function isPlainValue(text: string, name: string | null, isRead: boolean): boolean {
  if (text.length > idCharsMax) return false;
  const isWords =
    text.length <= (isRead ? spokenWordsCharsMax : plainWordsCharsMax) && plainWords.test(text);
  if (!isWords && !idOrMoment.test(text)) return false;
  return name === null || judgeSecretName(name) === 'none';
}
