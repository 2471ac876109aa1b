import { z } from 'zod';

const sizes = { value: z.number(), mean: z.number(), std: z.number(), sigma: z.number() };
const count = z.number().nonnegative();

/**
 * What one event is against its agent's baseline, with the numbers that say so: what rules read and
 * what an alert shows. `sigma` is (value − mean) / std; `std` has a floor, named with each kind, below
 * which chance alone would be news.
 */
export const baselineReadingSchema = z.discriminatedUnion('kind', [
  /**
   * Calls of one tool in the hour of the event so far, against `hours` closed hours, those without a
   * call included. `std` is at least 1 and at least √mean, the noise of counting.
   */
  z.object({ kind: z.literal('volume'), tool: z.string(), hours: count, ...sizes }),
  /**
   * Failed calls of one tool among the `calls` that ended in the hour so far; `mean` and `std` are
   * what the share of failures among `known` calls of closed hours lets expect. `std` is at least 1.
   */
  z.object({ kind: z.literal('errors'), tool: z.string(), calls: count, known: count, ...sizes }),
  /**
   * Surprise, in bits, of a call after the one or two before it in its trace. `path` ends with the
   * call. `contexts` is how often its predecessor was seen, `seen` how often this very path was, as
   * far as is remembered. `samples` are the steps that mean and std are of; `std` is at least half
   * a bit.
   */
  z.object({
    kind: z.literal('sequence'),
    path: z.array(z.string()),
    contexts: count,
    seen: count,
    samples: count,
    ...sizes,
  }),
  /** Names and types of a call's arguments; `shapes` others were seen in `calls` calls. */
  z.object({
    kind: z.literal('shape'),
    tool: z.string(),
    shape: z.string(),
    isNew: z.boolean(),
    calls: count,
    shapes: count,
  }),
  /**
   * Recipients and hosts (`destinationsOf`) that the tool was never called with before, after `calls`
   * that named one, and `known` others.
   */
  z.object({
    kind: z.literal('destination'),
    tool: z.string(),
    fresh: z.array(z.string()),
    calls: count,
    known: count,
  }),
  /** Data classes and resources never touched before, after `events` that named some. */
  z.object({
    kind: z.literal('scope'),
    fresh: z.array(z.string()),
    events: count,
    known: count,
  }),
  /**
   * How far the mix of tools in about the last hundred calls lies from that of about the last two
   * thousand: Jensen–Shannon divergence, 0 to 1 bit. `std` is at least 0.02.
   */
  z.object({ kind: z.literal('drift'), calls: count, samples: count, ...sizes }),
]);
export type BaselineReading = z.infer<typeof baselineReadingSchema>;
export type ReadingOf<Kind extends BaselineReading['kind']> = Extract<
  BaselineReading,
  { kind: Kind }
>;

/** The readings of one event; null where the baseline says nothing, which is not "as usual". */
export type BaselineFacts = {
  readonly [Kind in BaselineReading['kind']]: ReadingOf<Kind> | null;
};

export const noBaselineFacts: BaselineFacts = {
  volume: null,
  errors: null,
  sequence: null,
  shape: null,
  destination: null,
  scope: null,
  drift: null,
};
