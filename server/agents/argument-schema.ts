import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';

/** A JSON object as `JSON.parse` gives it. */
type JsonObject = Readonly<Record<string, unknown>>;

/** What a tool's schema makes of arguments. */
export type CompletedArguments =
  | { readonly args: JsonObject; readonly fault: null }
  | { readonly fault: { readonly pointer: string; readonly sentence: string } };

type Check = (args: JsonObject) => CompletedArguments;

/**
 * The schema of a tool's arguments from its text, once it was compiled: what cannot be checked later is
 * refused here, with the compiler's own sentence. JSON Schema 2020-12 without references to other
 * documents; `format` is a note, as that standard has it.
 * @throws AppError `unprocessable`
 */
export function readArgumentSchema(text: string): JsonObject {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (cause) {
    throw refused('it is not JSON', cause);
  }
  if (!isObject(schema)) throw refused('it is not an object');
  // jsonb would refuse the whole statement.
  const plain = JSON.stringify(schema);
  if (/\\u0000|\\ud[89a-f]/i.test(plain)) throw refused('it holds a text that cannot be stored');
  compile(schema);
  return schema;
}

/**
 * Arguments as a tool's schema completes them: with its defaults, where it takes them at all. `null`: no
 * schema, so nothing is checked or added. The arguments that were given are not changed.
 * @param schema its JSON text as stored
 */
export function completeArguments(schema: string | null, args: JsonObject): CompletedArguments {
  if (schema === null) return { args, fault: null };
  let check = compiled.get(schema);
  if (check === undefined) {
    check = compile(JSON.parse(schema) as JsonObject);
    if (compiled.size >= compiledMax) compiled.clear();
    compiled.set(schema, check);
  }
  return check(args);
}

/** Compiling takes some milliseconds, checking microseconds. */
const compiled = new Map<string, Check>();
const compiledMax = 500;

function compile(schema: JsonObject): Check {
  refuseUnbounded(schema, 0);
  // A compiler of its own: schemas know nothing of one another, whatever `$id` they claim.
  const ajv = new Ajv2020({
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    validateFormats: false,
    useDefaults: true,
    ownProperties: true,
    logger: false,
    code: { regExp: linearPattern },
  });
  let validate;
  try {
    validate = ajv.compile(schema);
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : 'it cannot be compiled', cause);
  }
  return (given) => {
    const args = structuredClone(given) as JsonObject;
    if (validate(args) === true) return { args, fault: null };
    return { fault: faultOf(validate.errors?.[0]) };
  };
}

/** Patterns of users run in linear time only; the compiler tells them apart by their text. */
const linearPattern = Object.assign(
  (pattern: string) => {
    const linear = RE2JS.compile(pattern);
    return { test: (text: string) => linear.matcher(text).find(), toString: () => pattern };
  },
  { code: 'linearPattern' },
);

/** What would let a few kilobytes of arguments take minutes, or answer later than it is asked. */
function refuseUnbounded(schema: unknown, depth: number): void {
  if (depth > limits.jsonDepthMax) throw refused('it is nested too deep');
  if (Array.isArray(schema)) {
    for (const item of schema as unknown[]) refuseUnbounded(item, depth + 1);
    return;
  }
  if (!isObject(schema)) return;
  if ('$async' in schema) throw refused('$async is not taken');
  const { uniqueItems, maxItems } = schema;
  const itemsMax = limits.toolSchemaUniqueItemsMax;
  if (uniqueItems === true && !(typeof maxItems === 'number' && maxItems <= itemsMax)) {
    throw refused(`uniqueItems needs maxItems of ${itemsMax} at most beside it`);
  }
  for (const value of Object.values(schema)) refuseUnbounded(value, depth + 1);
}

/** Names the place and the schema's rule; never a value that was sent. */
function faultOf(error: ErrorObject | undefined) {
  const params: Readonly<Record<string, unknown>> = error?.params ?? {};
  const surplus = params['additionalProperty'] ?? params['unevaluatedProperty'];
  const at = error?.instancePath ?? '';
  const pointer =
    typeof surplus === 'string'
      ? `${at}/${surplus.replaceAll('~', '~0').replaceAll('/', '~1')}`
      : at;
  return { pointer, sentence: error?.message ?? 'must fit the schema' };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (why: string, cause?: unknown) =>
  new AppError(
    'unprocessable',
    `This is no usable JSON Schema (2020-12) of the arguments: ${why}.`,
    { cause },
  );
