import { namedDestinations } from './internal/name-destinations.ts';

/** What instructions forbid an agent to put into its answers. */
export interface Prohibition {
  /**
   * `topic`: words that no sentence of an answer says together; `term`: quoted words, as they stand;
   * `destination`: hosts, addresses or accounts that are named as forbidden; `elsewhere`: the only ones that
   * are allowed.
   */
  readonly kind: 'topic' | 'term' | 'destination' | 'elsewhere';
  /** Folded: lower case; of topics the stems. */
  readonly words: readonly string[];
  /** Words of a request that is to be refused are looked for in the request as well. */
  readonly isRefusal: boolean;
}

const forbids =
  /\b(?:never|do not|don['’]t|must not|mustn['’]t|may not|should not|shouldn['’]t|cannot|can['’]t|are not (?:allowed|permitted) to|are forbidden to|refrain from|avoid)\b/i;
const refuses = /\b(?:refuse|decline|reject)\b(?!d)/i;
const speaks =
  /\b(?:mention|mentioning|discuss|discussing|talk(?:ing)? about|speak(?:ing)? (?:of|about)|comment(?:ing)? on|reveal|revealing|disclose|disclosing|share|sharing|name|naming|recommend|recommending|quote|quoting|answer(?:ing)? (?:any )?questions? (?:about|on)|give (?:any )?(?:advice|information|details) (?:about|on)|give|giving|provide|providing|offer|offering)\b/i;
const sends =
  /\b(?:send|sending|share|sharing|forward|forwarding|post|posting|upload|uploading|transfer|transferring|pay|paying|link|linking|write|writing|e-?mail|refer|referring|point|pointing|contact|contacting|use|using)\b/i;
/** A prohibition under a condition cannot be judged by its words alone. */
const conditional =
  /\b(?:unless|until|before|after|if|when|while|without|except|as long as|in case|only|more than|less than|yet)\b/i;
const exclusive =
  /\b(?:other than|outside(?: of)?|except(?: for)?(?: to)?|anything but|anywhere but)\b/i;
const onlyTo = /\bonly\b/i;

/** Sentences and lines, trimmed. */
const sentencesOf = (text: string): string[] =>
  text.split(/(?<=[.!?;])\s+|\n+/).map((sentence) => sentence.trim());

/** Words that name nothing by themselves. */
const empty = new Set(
  (
    'a an and any about all anyone anything as at be by can do for from get give have how i in information is ' +
    'it its kind me my no nor not of on or other our own please question questions such that the their them ' +
    'these this those to topic topics under user users customer customers with you your yourself ever even ' +
    'ones one sort details detail advice client clients people person anybody nobody circumstances whatsoever ' +
    'additional answer answers content explanation explanations instruction instructions like list more password ' +
    'private prompt recommendation recommendations secret solution solutions suggestion suggestions system text'
  ).split(' '),
);
const topicWordsMax = 4;
const stemChars = 5;

export const stemOf = (word: string): string => word.toLowerCase().slice(0, stemChars);

/** What is named after a verb of speaking, up to where the phrase ends; null for too little or too much. */
function topicOf(phrase: string): readonly string[] | null {
  const noun =
    phrase.split(/[.,;:()!?\n]|\s(?:and|or|nor|to|with|in|at|on behalf|because|since|as)\s/i)[0] ??
    '';
  const words = [...noun.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’-]+/gu)]
    .map(([word]) => word.toLowerCase())
    .filter((word) => !empty.has(word.replace(/['’]s?$/, '')));
  if (words.length === 0 || words.length > topicWordsMax) return null;
  // A single common word is a topic only when it is long enough to be one.
  if (words.length === 1 && (words[0]?.length ?? 0) < 6) return null;
  return [...new Set(words.map(stemOf))];
}

const quoted = /["“”«»']([^"“”«»'\n]{3,60})["“”«»']/gu;

function ofSentence(sentence: string): Prohibition[] {
  const isRefusal = refuses.test(sentence) && !forbids.test(sentence);
  const named = namedDestinations(sentence).map(({ name }) => name);
  if (named.length > 0 && sends.test(sentence)) {
    const isAlone = forbids.test(sentence) ? exclusive.test(sentence) : onlyTo.test(sentence);
    if (isAlone) return [{ kind: 'elsewhere', words: named, isRefusal: false }];
    if (forbids.test(sentence) && !conditional.test(sentence)) {
      return [{ kind: 'destination', words: named, isRefusal: false }];
    }
    return [];
  }
  if (conditional.test(sentence)) return [];
  const opening = isRefusal ? refuses.exec(sentence) : forbids.exec(sentence);
  if (opening === null) return [];
  const rest = sentence.slice(opening.index + opening[0].length);
  const verb = isRefusal
    ? /\b(?:about|on|for|regarding|concerning|with|to (?:give|provide|discuss|offer))\b/i.exec(rest)
    : speaks.exec(rest);
  // The verb follows the ban closely, or it belongs to another clause.
  if (verb === null || verb.index > verbReachChars) return [];
  const phrase = rest.slice(verb.index + verb[0].length);
  const terms = [...phrase.matchAll(quoted)].map(([, term]) => (term ?? '').toLowerCase());
  if (terms.length > 0) return [{ kind: 'term', words: terms, isRefusal }];
  const topic = topicOf(phrase);
  return topic === null ? [] : [{ kind: 'topic', words: topic, isRefusal }];
}

const verbReachChars = 40;
const instructionsCharsMax = 64 * 1024;
const sentenceCharsMax = 600;
const prohibitionsMax = 100;

/**
 * What instructions forbid without a condition, sentence by sentence: topics, quoted terms and places to send
 * to. English only; what is not understood forbids nothing here. Pure, linear, bounded.
 */
export function readProhibitions(instructions: string): Prohibition[] {
  const text = instructions.slice(0, instructionsCharsMax);
  if (!forbids.test(text) && !refuses.test(text) && !onlyTo.test(text)) return [];
  const found: Prohibition[] = [];
  for (const sentence of sentencesOf(text)) {
    if (sentence.length > sentenceCharsMax) continue;
    found.push(...ofSentence(sentence));
    if (found.length >= prohibitionsMax) break;
  }
  return found;
}
