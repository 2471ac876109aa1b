import type { ServerResponse } from 'node:http';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { answerInTime } from '#server/kernel/answer-in-time.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { ControlSignal, ControlSignals } from '#server/live/control-signals.ts';
import {
  type Audience,
  type ControlFrame,
  type FrameReading,
  readFrameAt,
  readFramesSince,
} from './control-frames.ts';
import { noteDeliveries, noteStreams, readEndedKeys } from './note-streams.ts';
import { readControlState } from './read-control-state.ts';

/** An agent's open control stream in this process. */
export interface ControlStream {
  readonly ctx: Ctx;
  readonly keyId: string;
  readonly agentId: string;
  readonly instanceId: string;
  environment: string | null;
  readonly response: ServerResponse;
  /** Frames that came while it was opened; null once it is open. */
  waiting: { readonly text: string; readonly position: string }[] | null;
  /** Changes that its beginning contained already. */
  readonly told: Set<string>;
}

interface Channel {
  /** Any context of the tenant: what is read is the same for all its agents. */
  readonly ctx: Ctx;
  readonly streams: Set<ControlStream>;
  readonly unsubscribe: () => void;
  /** Signals are told in their order, one reading after the other. */
  telling: Promise<void>;
}

/** The control streams of one process. */
export interface ControlHub {
  /**
   * Opens a stream: its state first, then what it missed since `lastEventId`, then every change.
   * @throws AppError `store_unavailable` beyond `limits.controlStreamsMax`, and where the database does
   *   not say in time what its beginning is
   */
  readonly open: (
    ctx: Ctx,
    instanceId: string,
    lastEventId: string | null,
    response: ServerResponse,
  ) => Promise<void>;
  readonly close: () => void;
}

/** One frame as server-sent events have it. */
function encodeFrame(event: string, data: object, id: string | null): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function concerns(audience: Audience, stream: ControlStream): boolean {
  switch (audience.kind) {
    case 'all':
      return true;
    case 'agent':
      return audience.agentId === stream.agentId;
    case 'agents':
      return audience.agentIds.has(stream.agentId);
    case 'environment':
      return audience.environment === stream.environment;
  }
}

/** The streams of one process by tenant, and the two ways to write to one. */
interface Streams {
  readonly all: () => ControlStream[];
  readonly channels: () => Iterable<Channel>;
  readonly join: (stream: ControlStream) => void;
  readonly leave: (stream: ControlStream) => void;
  /** False when the client was let go instead. */
  readonly send: (stream: ControlStream, text: string, position: string) => boolean;
  /** A last word, then the end. */
  readonly end: (stream: ControlStream, event: string) => void;
}

function createStreams(signals: ControlSignals, log: Log): Streams {
  const channels = new Map<TenantId, Channel>();
  const leave = (stream: ControlStream): void => {
    const channel = channels.get(stream.ctx.tenantId);
    channel?.streams.delete(stream);
    if (channel && channel.streams.size === 0) {
      channel.unsubscribe();
      channels.delete(stream.ctx.tenantId);
    }
  };
  const join = (stream: ControlStream): void => {
    const existing = channels.get(stream.ctx.tenantId);
    if (existing) {
      existing.streams.add(stream);
      return;
    }
    const made: Channel = {
      ctx: stream.ctx,
      streams: new Set([stream]),
      unsubscribe: signals.subscribe(stream.ctx.tenantId, (signal) => {
        made.telling = made.telling
          .then(() => tell(made, signal, streams))
          .catch((error: unknown) => {
            // What could not be told is read by whoever begins afresh.
            log.warn({ err: error }, 'control streams begin afresh');
            return tell(made, null, streams);
          });
      }),
      telling: Promise.resolve(),
    };
    channels.set(stream.ctx.tenantId, made);
  };
  const streams: Streams = {
    all: () => [...channels.values()].flatMap((channel) => [...channel.streams]),
    channels: () => channels.values(),
    join,
    leave,
    send: (stream, text, position) => {
      if (stream.waiting === null) return write(stream, text, leave);
      stream.waiting.push({ text, position });
      return true;
    },
    end: (stream, event) => {
      leave(stream);
      stream.response.end(encodeFrame(event, {}, null));
    },
  };
  return streams;
}

/** Tells a tenant's streams of one change; of an unknown one (`null`) that they begin afresh. */
async function tell(
  channel: Channel,
  signal: ControlSignal | null,
  streams: Streams,
): Promise<void> {
  if (signal === null) {
    // A copy, because each that ends leaves the set.
    for (const stream of Array.from(channel.streams)) {
      if (stream.waiting === null) streams.end(stream, 'resync');
    }
    return;
  }
  if (signal.noun === 'key' || signal.noun === 'agent') {
    await endRevoked(channel, streams);
    return;
  }
  const reading = await readFrameAt(channel.ctx, signal.position);
  for (const frame of reading.frames) await deliver(channel, frame, reading, streams);
}

/**
 * Fans the control plane out: one reading a change, one text a frame, whoever listens. A raw stream costs
 * some 16 kB, a tRPC subscription 136.
 */
export function createControlHub(
  signals: ControlSignals,
  log: Log,
  answerMs: number = limits.doorAnswerMs,
): ControlHub {
  const streams = createStreams(signals, log);
  const pings = setInterval(() => {
    const text = encodeFrame('ping', {}, null);
    for (const stream of streams.all()) if (stream.waiting === null) streams.send(stream, text, '');
  }, limits.controlPingMs);
  const upkeep = setInterval(() => {
    for (const channel of streams.channels()) {
      void keep(channel, streams).catch((error: unknown) => {
        log.warn({ err: error }, 'control streams could not be checked');
      });
    }
  }, limits.controlUpkeepMs);
  const looks = setInterval(tellStopFile(streams), limits.stopFileCheckMs);
  return {
    open: async (ctx, instanceId, lastEventId, response) => {
      if (streams.all().length >= limits.controlStreamsMax) {
        throw new AppError(
          'store_unavailable',
          'This process holds too many streams; poll instead.',
        );
      }
      const stream = makeStream(ctx, instanceId, response);
      streams.join(stream);
      response.on('close', () => streams.leave(stream));
      try {
        await begin(stream, lastEventId, answerMs);
      } catch (error) {
        streams.leave(stream);
        throw error;
      }
    },
    close: () => {
      clearInterval(pings);
      clearInterval(upkeep);
      clearInterval(looks);
      for (const stream of streams.all()) streams.end(stream, 'resync');
    },
  };
}

/**
 * Tells every stream of this process when its stop file comes, which needs no database; when it goes
 * they begin afresh, because other stops may stand by then.
 */
function tellStopFile(streams: Streams): () => void {
  let wasPresent = isStopFilePresent();
  return () => {
    const isPresent = isStopFilePresent();
    if (isPresent === wasPresent) return;
    wasPresent = isPresent;
    const text = encodeFrame('stop', { ...stopOfThisHost, at: new Date().toISOString() }, null);
    for (const stream of streams.all()) {
      if (isPresent) streams.send(stream, text, '');
      else if (stream.waiting === null) streams.end(stream, 'resync');
    }
  };
}

/** As a refusal under the stop file names it: it has no row, and so neither id nor number. */
const stopOfThisHost = {
  stopId: null,
  epoch: null,
  scope: { kind: 'host' },
  level: 1,
  reason: 'The stop file of this host is present.',
};

function makeStream(ctx: Ctx, instanceId: string, response: ServerResponse): ControlStream {
  const actor = ctx.actor.type === 'key' ? ctx.actor : null;
  if (actor?.agent === null || actor === null) {
    throw new AppError('forbidden', 'Use the key of an agent here.');
  }
  return {
    ctx,
    keyId: actor.keyId,
    agentId: actor.agent.id,
    instanceId,
    environment: '',
    response,
    waiting: [],
    told: new Set(),
  };
}

/**
 * Writes, or lets go of a client that does not read: its last word is `resync`, and it is cut when it
 * does not take even that. False when it was let go.
 */
function write(
  stream: ControlStream,
  text: string,
  leave: (stream: ControlStream) => void,
): boolean {
  const { response } = stream;
  if (response.writableLength <= limits.controlBufferBytesMax) {
    response.write(text);
    return true;
  }
  leave(stream);
  const cut = setTimeout(() => response.destroy(), limits.controlFarewellMs);
  response.once('close', () => clearTimeout(cut));
  response.end(encodeFrame('resync', {}, null));
  return false;
}

/** What was missed, and then, so that nothing falls between, how things stand. */
async function readBeginning(ctx: Ctx, lastEventId: string | null) {
  const missed = lastEventId === null ? null : await readFramesSince(ctx, lastEventId);
  return { missed, ...(await readControlState(ctx)) };
}

/** State first, then what was missed, then what came meanwhile: subscribed before, so nothing falls between. */
async function begin(
  stream: ControlStream,
  lastEventId: string | null,
  answerMs: number,
): Promise<void> {
  const reading = readBeginning(stream.ctx, lastEventId);
  const { missed, ...now } = await answerInTime(reading, answerMs);
  const { environment, horizon, state, stopIds } = now;
  stream.environment = environment;
  const { response } = stream;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const id = missed?.horizon ?? horizon;
  response.write(encodeFrame('state', state, id));
  if (missed?.isCut === true) response.write(encodeFrame('resync', {}, null));
  for (const frame of missed?.frames ?? []) {
    stream.told.add(frame.position);
    if (concerns(frame.audience, stream)) response.write(encodeFrame(frame.event, frame.data, id));
  }
  const waiting = stream.waiting ?? [];
  stream.waiting = null;
  for (const { text, position } of waiting) if (!stream.told.has(position)) response.write(text);
  await noteStreams(stream.ctx, [stream]);
  for (const stopId of stopIds) await noteDeliveries(stream.ctx, stopId, [stream]);
}

async function deliver(
  channel: Channel,
  frame: ControlFrame,
  reading: FrameReading,
  streams: Streams,
): Promise<void> {
  const text = encodeFrame(frame.event, frame.data, reading.horizon);
  const reached = [...channel.streams].filter(
    (stream) => concerns(frame.audience, stream) && !stream.told.has(frame.position),
  );
  const written = reached.filter((stream) => streams.send(stream, text, frame.position));
  if (frame.stopId !== null && written.length > 0) {
    await noteDeliveries(channel.ctx, frame.stopId, written);
  }
}

/** Streams whose key was revoked, or whose agent was disabled, are told and ended. */
async function endRevoked(channel: Channel, streams: Streams): Promise<void> {
  const open = Array.from(channel.streams);
  const ended = await readEndedKeys(
    channel.ctx,
    open.map((stream) => stream.keyId),
  );
  for (const stream of open) if (ended.has(stream.keyId)) streams.end(stream, 'revoke');
}

async function keep(channel: Channel, streams: Streams): Promise<void> {
  await endRevoked(channel, streams);
  for (const stream of channel.streams) if (stream.waiting === null) stream.told.clear();
  await noteStreams(channel.ctx, [...channel.streams]);
}
