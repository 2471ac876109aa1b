export interface Throttle {
  /** Runs now, or once at the end of the period; of several that wait, the last one runs. */
  readonly run: (work: () => void) => void;
  readonly cancel: () => void;
}

/** Lets work run at most once in `periodMs`, the first at once and the last never lost. */
export function createThrottle(periodMs: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waiting: (() => void) | null = null;
  const open = () => {
    timer = null;
    const work = waiting;
    waiting = null;
    if (work !== null) start(work);
  };
  const start = (work: () => void) => {
    timer = setTimeout(open, periodMs);
    work();
  };
  return {
    run: (work) => {
      if (timer === null) start(work);
      else waiting = work;
    },
    cancel: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      waiting = null;
    },
  };
}
