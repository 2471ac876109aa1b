import { z } from 'zod';
import type { CrashStack } from './crash-stack.ts';
import type { CrashSteps } from './crash-steps.ts';

/** Headers that say who asks. */
export type Caller = Readonly<Record<string, string>>;

export const keyCaller = (key: string): Caller => ({ authorization: `Bearer ${key}` });

const answerSchema = z.object({ result: z.object({ data: z.object({ json: z.unknown() }) }) });

/** The doors of a stack that is struck meanwhile, through the proxy before it. */
export class CrashDoors<Step extends string> {
  readonly #stack: CrashStack;
  readonly #steps: CrashSteps<Step>;

  constructor(stack: CrashStack, steps: CrashSteps<Step>) {
    this.#stack = stack;
    this.#steps = steps;
  }

  /** What a page asks for; sent again until it is answered. */
  query(caller: Caller, name: string, json: object): Promise<unknown> {
    return this.#steps.take(null, () => this.queryOnce(caller, name, json));
  }

  /** @throws Error for every answer but a success */
  async queryOnce(
    caller: Caller,
    name: string,
    json: object | null,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const input = json === null ? '' : `?input=${encodeURIComponent(JSON.stringify({ json }))}`;
    const init = { headers: caller, ...(signal ? { signal } : {}) };
    const answer = await jsonOf(await this.fetch(`/api/trpc/${name}${input}`, init));
    return answerSchema.parse(answer).result.data.json;
  }

  /** What a person does on a page. Null where it was refused, as what was done already is. */
  async mutate(step: Step | null, caller: Caller, verb: string, json: object): Promise<unknown> {
    const headers = { ...caller, 'content-type': 'application/json' };
    const body = JSON.stringify({ json });
    const answer = await this.post(step, `/api/trpc/${verb}`, body, headers);
    if (!answer.ok) return null;
    return answerSchema.parse(await answer.json()).result.data.json;
  }

  /** Sent again until it is answered. */
  post(
    step: Step | null,
    path: string,
    body: string | URLSearchParams,
    headers: Caller,
  ): Promise<Response> {
    return this.#steps.send(step, () => this.fetch(path, { method: 'POST', body, headers }));
  }

  /** Once, whatever comes of it. */
  fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(`${this.#stack.proxy.url}${path}`, init);
  }
}

/** The JSON of an answer that had to be a success. @throws Error for any other */
export async function jsonOf(answer: Response): Promise<unknown> {
  if (answer.ok) return answer.json();
  throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
}
