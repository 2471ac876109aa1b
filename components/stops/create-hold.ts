/** How long a stop is held before it goes out, and in how many steps that is shown. */
export const holdMs = 1_500;
export const holdSteps = 3;

/** What is told of one press. */
export interface HoldTold {
  /** Steps that have passed, 0 at the beginning; null when nothing is held any more. */
  readonly onStep: (step: number | null) => void;
  /** Called once for a press that lasted. */
  readonly onHeld: () => void;
}

export interface Hold {
  /** Something begins to press: a pointer or a key. A second one beside it changes nothing. */
  readonly press: (by: string, told: HoldTold) => void;
  /** What pressed lets go; another one that lets go does not matter. */
  readonly release: (by: string) => void;
  /** Lets go whatever pressed (focus lost, page hidden). */
  readonly cancel: () => void;
}

/** A press that counts only when it lasts `holdMs`. Released early it has done nothing. */
export function createHold(): Hold {
  let holder: { readonly by: string; readonly told: HoldTold } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    clearTimeout(timer);
    const told = holder?.told;
    holder = null;
    told?.onStep(null);
  };
  const pass = (told: HoldTold, step: number) => {
    if (step < holdSteps) {
      told.onStep(step);
      timer = setTimeout(() => pass(told, step + 1), holdMs / holdSteps);
      return;
    }
    end();
    told.onHeld();
  };
  return {
    press: (by, told) => {
      if (holder !== null) return;
      holder = { by, told };
      pass(told, 0);
    },
    release: (by) => {
      if (holder?.by === by) end();
    },
    cancel: end,
  };
}
