import { z } from 'zod';
import { controlNouns } from '#db/enums.ts';

/** An event as lists need it at once; never a payload. */
export const liveEventSchema = z.object({
  position: z.string(),
  traceId: z.string(),
  eventId: z.string(),
  agent: z.string(),
  kind: z.string(),
  name: z.string().nullable(),
  status: z.string(),
  receivedAt: z.string(),
});
export type LiveEvent = z.infer<typeof liveEventSchema>;

/** A change of an alert, with what a list row shows. */
export const liveAlertSchema = z.object({
  id: z.string(),
  /** Of the change, not of the alert's events. */
  position: z.string(),
  change: z.enum(['opened', 'updated', 'resolved']),
  severity: z.string(),
  state: z.string(),
  title: z.string(),
  agent: z.string().nullable(),
  updatedAt: z.string(),
});
export type LiveAlert = z.infer<typeof liveAlertSchema>;

/** Something changed on the control plane (holds, votes, stops): a reason to read it anew. */
export const liveControlSchema = z.object({
  noun: z.enum(controlNouns),
  subjectId: z.string(),
  change: z.string(),
  agentId: z.string().nullable(),
});
export type LiveControl = z.infer<typeof liveControlSchema>;

/**
 * What changed in a tenant since the last batch. `id` is opaque: a stream opened `since` it goes on
 * right behind. A batch without changes is a sign of life.
 */
export const liveBatchSchema = z.object({
  id: z.string(),
  /** Our clock when it was read. */
  at: z.string(),
  /** Oldest first, at most `limits.liveEventsPerBatchMax`. */
  events: z.array(liveEventSchema),
  /** How many further events this batch stands for without naming them. */
  eventsSkipped: z.number().int(),
  /**
   * In their order. One that was opened is told as soon as it is committed, and once more in its place
   * when nothing can come before it any more.
   */
  alerts: z.array(liveAlertSchema),
  /** Told at their commit, outside the order of the log; after a resync read all of it anew. */
  control: z.array(liveControlSchema),
  /**
   * How far the readers of the log have come (assembler, detector, indexer): lists and counts change
   * when one of these moves. Null before the first event.
   */
  derived: z.record(z.string(), z.string()),
  /** True when changes were left out: read the lists anew. */
  isResync: z.boolean(),
});
export type LiveBatch = z.infer<typeof liveBatchSchema>;

export const liveChangesInputSchema = z.object({
  tenant: z.string().max(128),
  /** Of the last batch seen; tRPC fills it in when a stream is resumed. */
  lastEventId: z.string().max(200).nullish(),
});
