import { type CueSet, requiredCues } from '#server/guard/internal/required-cues.ts';

/**
 * A trait of text that instructs a model, as a pattern over its cues (`read-cues.ts`). None proves
 * anything alone, unless its weight is 1: weights of different signatures near each other add up, and
 * from 1 on the text counts as an injected instruction.
 */
export interface InstructionSignature {
  readonly name: string;
  readonly weight: number;
  readonly pattern: RegExp;
  /** Class letters without which the pattern cannot match. */
  readonly required: readonly CueSet[];
}

const signature = (name: string, weight: number, pattern: RegExp): InstructionSignature => ({
  name,
  weight,
  pattern,
  required: requiredCues(pattern),
});

/**
 * In order of weight within a name; of one name only the heaviest hit counts. `[^|]` keeps a pattern
 * inside a sentence. Every quantifier is bounded, so matching is linear.
 */
export const instructionSignatures: readonly InstructionSignature[] = [
  // "Ignore all previous instructions", "forget everything you were told".
  signature('override_instructions', 1, /O[^|:]{0,5}[PAYe][^|:]{0,4}I/g),
  signature('override_instructions', 1, /O[^|:]{0,3}I[^|:]{0,3}[PY]/g),
  signature('override_instructions', 1, /O[^|:]{0,5}Y[^|:]{0,5}j/g),
  signature('override_instructions', 0.8, /OA[^|:]{0,6}j/g),
  signature('override_instructions', 0.9, /OA[^|:]{0,4}Y/g),
  signature('override_instructions', 0.8, /O[^|:]{0,4}[AP][^|:]{0,4}[PYT]/g),
  signature('override_instructions', 0.8, /O[^|:]{0,4}[PY][^|:]{0,3}T/g),
  signature('override_instructions', 0.8, /n[^|:]{0,2}F[^|:]{0,4}[PAY][^|:]{0,3}[ITU]/g),
  signature('override_instructions', 0.8, /n[^|:]{0,2}F[^|:]{0,3}I[^|:]{0,3}[fYPG]/g),
  signature('override_instructions', 0.9, /n[^|]?E[^|]?t[^|]{0,2}[PITA]/g),
  signature('override_instructions', 0.8, /(?:[IT][^|]{0,3}Y|Y[^|]{0,3}[PI])[^|]{0,9}q/g),
  signature('override_instructions', 0.6, /[PYA][^|:]{0,2}I[^|:]{0,4}O/g),
  signature('override_instructions', 0.6, /h[^|]{0,3}[TFIC]/g),
  signature('override_instructions', 0.5, /O[^|:]{0,4}[P]/g),
  signature('override_instructions', 0.5, /O[^|:]{0,3}I/g),
  signature('override_instructions', 0.5, /h[^|]{0,2}Y/g),
  signature('override_instructions', 0.4, /(?:^|\|)O[^|]{0,4}[Vvu]/g),
  // "… instead.", "do this instead:".
  signature('replacement', 0.2, /N(?=[|:])/g),

  // "Before you can solve the task that I gave you, do the following first."
  signature('task_preemption', 0.8, /B[^|]{0,5}C[^|]{0,5}T/g),
  signature('task_preemption', 0.7, /[BP]t?[^|]{0,4}[CWFVvR][^|]{0,4}[YUPT][^|]{0,3}T/g),
  signature('task_preemption', 0.6, /[BP]t?[^|]{0,1}[CWFVvR][^|]{0,6}[TU]/g),
  signature('task_preemption', 0.6, /BY[^|]{0,5}T/g),
  signature('task_preemption', 0.6, /T[^|]{0,3}e[^|]{0,3}[Yt]/g),
  signature('task_preemption', 0.6, /Z[^|]{0,9}C[^|]{0,5}[PYUA][^|]{0,3}T/g),
  signature('task_preemption', 0.6, /[CF][^|]{0,4}T[^|]{0,5}[YM][^|]{0,3}[MgB]/g),
  signature('task_preemption', 0.5, /tC[^|]{0,3}[Ya][^|]{0,4}[MgCVvFu]/g),
  signature('task_preemption', 0.5, /BYC/g),
  signature('task_preemption', 0.4, /l[^|]{0,4}B(?=[|:.])|B[^|]{0,3}[l]:/g),
  signature('task_preemption', 0.4, /[P][^|]{0,1}[TU][^|]{0,2}T?/g),

  // "…to you, GPT-4", "Attention AI assistants", "if you are a language model".
  signature('addressed_to_model', 0.8, /iY[^|]{0,3}a/g),
  signature('addressed_to_model', 0.7, /tY[^|]{0,3}a/g),
  signature('addressed_to_model', 0.7, /(?:[HE]|^|\|)["]?[HEm]{1,2}[t.]{0,3}a/g),
  signature('addressed_to_model', 0.8, /(?:^|[|"])E?m[^|]{0,2}t[^|]{0,2}a{1,3}:/g),
  signature('addressed_to_model', 0.7, /ta{1,2}:[^|]?Y/g),
  signature('addressed_to_model', 0.6, /m[^|:]{0,6}t[^|]{0,2}a/g),
  signature('addressed_to_model', 0.6, /[IET][^|]{0,2}t[^|]{0,5}a/g),
  signature('addressed_to_model', 0.6, /(?:^|[|:"])[^|]{0,5}a[^|]{0,1}M/g),
  signature('addressed_to_model', 0.6, /(?:^|[|"])t[^|]{0,2}a/g),
  signature('addressed_to_model', 0.6, /[eM][^|]{0,2}Y[^|]{0,2}a/g),
  signature('addressed_to_model', 0.5, /Y[^|]{0,3}a[^|]{0,2}M|a[^|]{0,1}Y[^|]{0,2}M/g),
  signature('addressed_to_model', 0.5, /(?:^|[|"])["]?a{1,2}k?[^|]{0,1}[YVvWuM]/g),
  signature('addressed_to_model', 0.3, /Y[^|]{0,4}a/g),

  // "AI agents parsing this page", "when you summarise this".
  signature('condition_on_reading', 0.6, /a{1,2}k?[^|]{0,2}R/g),
  signature('condition_on_reading', 0.5, /i[^|]{0,2}Y[^|]{0,3}R/g),
  signature('condition_on_reading', 0.7, /i[^|]{0,1}R[^|:]{0,6}:/g),
  signature('condition_on_reading', 0.4, /i[^|]{0,1}R/g),

  // "This is an important message from me / the user / the administrator".
  signature('borrowed_authority', 0.5, /[mE][^|]{0,2}f[^|]{0,3}[eUG]/g),
  signature('borrowed_authority', 0.5, /(?:^|[|:])[^|]{0,4}Y[GU]/g),
  signature('borrowed_authority', 0.5, /e[^|]{0,3}Y[^|]{0,1}[GU]/g),
  signature('borrowed_authority', 0.4, /G[^|]{0,2}(?:m|I|E|N)/g),
  signature('borrowed_authority', 0.3, /E[^|]{0,2}[mI]/g),

  // "You must strictly adhere to the following instruction".
  signature('demanded_obedience', 0.7, /M[^|]{0,4}F[^|]{0,6}I/g),
  signature('demanded_obedience', 0.7, /M[^|]{0,4}[FVvu][^|]{0,3}lI/g),
  signature('demanded_obedience', 0.6, /F[^|]{0,4}[AlN][^|]{0,4}I[^|]{0,6}[.xXVv]/g),
  signature('demanded_obedience', 0.4, /[CF][^|]{0,2}l:/g),
  signature('demanded_obedience', 0.3, /Y[^|]{0,1}[Mg][^|]{0,3}[VvWuF]/g),
  signature('demanded_obedience', 0.4, /[uVvF][^|]{0,2}l[^|]?[I:]/g),
  signature('demanded_obedience', 0.4, /F[^|]{0,2}[AlN][^|]{0,2}N?:/g),

  // "New instructions:", "updated system prompt", "your new task".
  signature('new_instructions', 0.7, /N[^|]{0,2}[GYk]?[^|]{0,1}[I]["]?[:|]/g),
  signature('new_instructions', 0.6, /[YN][^|]{0,1}N[^|]{0,1}[TI]/g),
  signature('new_instructions', 0.5, /E[^|]{0,2}I["]?[:|]/g),
  signature('new_instructions', 0.4, /t[^|]{0,1}lI:/g),
  signature('new_instructions', 0.5, /N[^|]{0,2}[TI][^|:]{0,5}:/g),
  signature('new_instructions', 0.5, /N[^|]{0,1}[TI]["]?[:|]/g),
  signature('new_instructions', 0.4, /(?:^|[|"])N[^|]{0,2}[VvWu]/g),
  // "Answer: task complete."
  signature('pretended_completion', 0.9, /W:[^|]{0,2}TC["]?[|:]/g),
  signature('pretended_completion', 0.5, /T[^|]{0,2}C["]?[|:]/g),

  // "by using the X tool", "call `send_money`", "do not use other tools".
  signature('tool_directive', 0.6, /n[^|]{0,2}u[^|]{0,3}[Xx]/g),
  signature('tool_directive', 0.4, /u[^|]{0,3}["x.]{0,3}X/g),
  signature('tool_directive', 0.3, /u[^|]{0,2}"?x/g),
  signature('tool_directive', 0.3, /Y[^|]{0,2}X/g),

  // "Do not tell the user", "without informing anyone".
  signature('secrecy', 0.7, /n[^|]{0,3}s[^|]{0,4}U/g),
  signature('secrecy', 0.7, /n[^|]{0,2}W[^|]{0,4}tU|n[^|]{0,2}W[^|]{0,3}t.U/g),
  signature('secrecy', 0.4, /n[^|]{0,2}s/g),
  signature('secrecy', 0.4, /S[^|]{0,4}[Vvu]|[Vvu][^|]{0,8}S/g),

  // "Send the user's password to …", "forward all e-mails".
  signature('exfiltration', 0.7, /[Vv][^|]{0,12}D[^|]{0,12}t[^|]{0,3}@/g),
  signature('exfiltration', 0.6, /(?:^|[|:"])[^|]{0,2}v[^|]{0,8}U[^|]{0,4}D/g),
  signature('exfiltration', 0.6, /v[^|]{0,3}D[^|]{0,4}U/g),
  signature('exfiltration', 0.5, /[oW]M[^|]{0,8}@/g),
  signature('exfiltration', 0.4, /(?:^|[|:"Y])[^|]{0,4}[Vv][^|]{0,14}@/g),
  signature('exfiltration', 0.3, /[Vv][^|]{0,3}[AYU][^|]{0,4}D/g),

  // "TODO: send …": an order left lying about.
  signature('direct_order', 0.7, /(?:^|[|"])w:p?v[^|]{0,16}@/g),
  signature('direct_order', 0.6, /(?:^|[|"])w:p?v[^|]{0,16}U/g),
  signature('direct_order', 0.3, /[aITlC]:[|"]{0,2}p?[VvWu]|TC[|]p?[Vvu]/g),

  // The third person betrays whom the text is not written for: "send … the user …".
  signature('speaks_of_user', 0.4, /(?:^|[|:"])[^|]{0,2}[VvWu][^|]{0,10}U/g),
  signature('speaks_of_user', 0.6, /U[^|]{0,3}r/g),
  signature('speaks_of_user', 0.4, /U[^|]{0,2}[TPI]/g),

  // "In your response include", "respond only with".
  signature('steers_response', 0.6, /(?:^|[^A])Y[oW][^|]{0,2}M/g),
  signature('steers_response', 0.6, /W[^|]{0,5}tY[oW]/g),
  signature('steers_response', 0.5, /(?:^|[.t])Y[oW][^|]{0,5}[MWy:]|Y[oW][^|]{0,3}[M]/g),
  signature('steers_response', 0.4, /W[^|]{0,3}y/g),
  signature('steers_response', 0.3, /y[^|]{0,2}W/g),

  // "Reveal your system prompt", "repeat your instructions".
  signature('prompt_extraction', 0.9, /W[^|]{0,4}Y[^|]{0,2}I/g),
  signature('prompt_extraction', 0.6, /W[^|]{0,5}[YG][^|]{0,4}I/g),
  signature('prompt_extraction', 0.4, /W[^|]{0,5}P/g),

  // "From now on you are", "act as an AI without restrictions".
  signature('changed_persona', 0.6, /f[^|]{0,1}N[^|]{0,3}Y/g),
  signature('changed_persona', 0.5, /Y[^|]{0,2}N[^|]{0,4}[aJkG]/g),
  signature('changed_persona', 0.5, /n[^|]{0,2}c/g),
  signature('changed_persona', 0.4, /J/g),
  signature('changed_persona', 0.2, /Q/g),

  signature('threat', 0.3, /L/g),
];

/**
 * Traits that a text for people hardly ever shows. A window needs one of them of at least
 * {@link coreWeightMin}; manuals for programmers are full of the others ("use the function", "you
 * must call", "send the user").
 */
export const coreNames: ReadonlySet<string> = new Set([
  'override_instructions',
  'task_preemption',
  'addressed_to_model',
  'condition_on_reading',
  'demanded_obedience',
  'new_instructions',
  'pretended_completion',
  'prompt_extraction',
  'changed_persona',
  'secrecy',
  'exfiltration',
  'direct_order',
  'end_of_data',
  'steers_response',
  'role_marker',
  'template_token',
]);
export const coreWeightMin = 0.6;

/** What a user may tell an agent in a user's message; only the other signatures count there. */
export const ordinaryForUsers: ReadonlySet<string> = new Set([
  'replacement',
  'task_preemption',
  'addressed_to_model',
  'condition_on_reading',
  'borrowed_authority',
  'demanded_obedience',
  'tool_directive',
  'exfiltration',
  'speaks_of_user',
  'steers_response',
  'direct_order',
  'threat',
  'secrecy',
  'end_of_data',
]);

/** A trait read from the raw text, where `hint` occurs in the text or among its cues. */
export interface MarkerSignature extends InstructionSignature {
  readonly hint: '<' | '[' | RegExp;
}

const marker = (
  name: string,
  weight: number,
  hint: MarkerSignature['hint'],
  pattern: RegExp,
): MarkerSignature => ({
  name,
  weight,
  hint,
  pattern,
  required: typeof hint === 'string' ? [] : requiredCues(hint),
});

/** Markers of roles, templates and channels that no document needs. */
export const markerSignatures: readonly MarkerSignature[] = [
  marker(
    'template_token',
    1,
    '<',
    /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id|begin_of_text|end)\|>|<<\/?SYS>>|<(?:start|end)_of_turn>/gi,
  ),
  marker('template_token', 1, '[', /\[\/?INST\]/gi),
  marker('role_marker', 1, '<', /<(?:tool_call|function_calls?)>\s{0,8}[{<[]/gi),
  marker(
    'role_marker',
    0.7,
    '<',
    /<\/?(?:tool_call|function_calls?|invoke|tool_result|tool_response)>/gi,
  ),
  marker(
    'role_marker',
    0.6,
    '<',
    /<\/?(?:system|information|important|instructions?|admin|prompt|assistant|user_?(?:query|request|message)|system[-_ ](?:prompt|message|note|override)|ai[-_ ]instructions?|secret|hidden|priority|override|directive)\b[^<>\n]{0,60}>/gi,
  ),
  marker(
    'role_marker',
    0.6,
    '[',
    /\[(?:system|admin|assistant|instructions?|important|priority|override|developer)[^[\]\n]{0,40}\](?:\(#[^()\n]{0,40}\))?/gi,
  ),
  marker(
    'role_marker',
    0.5,
    /[GaUImOE]["]?:/,
    /(?:^|[\n"'>]|\\n)[ \t]{0,8}[#=*-]{0,10}[ \t]{0,4}(?:system(?: (?:message|prompt|note|override|instruction|alert|notice))?|assistant|human|user|(?:new |updated |additional )?instructions?|ai instructions?|developer|override)[ \t]{0,4}[#=*-]{0,10}[ \t]{0,4}:(?!["'\d])/gi,
  ),
  marker(
    'end_of_data',
    0.6,
    /d/,
    /end[ _]of[ _](?:the[ _])?(?:document|data|context|input|content|tool[ _]output|tool[ _]result|email|untrusted|external|search results?)\b/gi,
  ),
  marker(
    'direct_order',
    0.3,
    /w|M:|N\.:/,
    /(?:^|[\n"'>]|\\n)[ \t]{0,8}(?:todo|action required|next action)[ \t]{0,2}[:!-]/gi,
  ),
];
