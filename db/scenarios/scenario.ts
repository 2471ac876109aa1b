/** A value in which `{{name}}` stands for a word of the run and `{{#name}}`, alone, for a number. */
export type Template =
  | null
  | boolean
  | number
  | string
  | readonly Template[]
  | { readonly [key: string]: Template };

/** One thing that the agent does or sees; becomes one event when it has ended. */
export interface ScenarioStep {
  readonly kind:
    | 'user_message'
    | 'agent_message'
    | 'llm_call'
    | 'tool_call'
    | 'data_access'
    | 'memory_read'
    | 'memory_write'
    | 'retrieval'
    | 'error';
  /** Tool, model operation or resource; the model's own name for an `llm_call` without one. */
  readonly name?: string;
  /** Pause after the step before, and how long this one takes; ms. */
  readonly afterMs: number;
  readonly tookMs: number;
  readonly input?: Template;
  readonly output?: Template;
  readonly error?: Template;
  readonly trust?: 'trusted' | 'untrusted';
  /** Where an untrusted text came from: `email:inbox/3`. */
  readonly origin?: string;
  readonly data?: { readonly [key: string]: Template };
  /** The step stands this many times in a row; `{{repeat}}` counts from 1. */
  readonly repeats?: number;
}

/** A run of one agent, told as data; every text of it was written for this demo. */
export interface Scenario {
  readonly name: string;
  readonly agent: string;
  readonly model: string;
  /** What is wrong with it; ordinary work has nothing wrong. */
  readonly incident: 'prompt-injection' | 'leaked-canary' | 'runaway-loop' | null;
  readonly steps: readonly ScenarioStep[];
}
