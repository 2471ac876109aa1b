import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import createNext from 'next';
import { createHoldTools } from '#server/approvals/hold-tools.ts';
import { createBrokerTools } from '#server/credentials/broker-tools.ts';
import { createKeptSecretReader } from '#server/credentials/outside/read-kept-secrets.ts';
import {
  createHttpClassifier,
  type ExternalClassifier,
} from '#server/guard/external-classifier.ts';
import { createCanaryReader } from '#server/guard/read-canaries.ts';
import { createIngest } from '#server/ingest/store-events.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { provideServices, type Services } from '#server/kernel/services.ts';
import { createAlertSignals } from '#server/live/alert-signals.ts';
import { createControlSignals } from '#server/live/control-signals.ts';
import { createControlHub } from '#server/containment/control-hub.ts';
import { watchStopFile } from '#server/gate/watch-stop-file.ts';
import { stopFile } from '#server/kernel/env.ts';
import { createLiveHub } from '#server/live/hub.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { createChannelTools } from '#server/notifications/channel-tools.ts';
import { createPermitKey } from '#server/permits/permit-key.ts';
import { clientAddress, clientAddressHeader, parseTrustedProxies } from './client-address.ts';
import { fromFramework } from './framework-error.ts';
import { problemOf } from './problem.ts';
import { answerUnreadable, isReadableAddress, refuseAddress } from './unreadable-request.ts';
import { registerJwks } from './routes/jwks.ts';
import { registerSsfConfiguration } from './routes/ssf-configuration.ts';
import { registerOpenApi } from './routes/openapi.ts';
import { registerContainmentEvidence } from './routes/containment-evidence.ts';
import { registerExports } from './routes/exports.ts';
import { registerDoors } from './routes/register-doors.ts';
import { registerTrpc } from './routes/trpc.ts';
import { createMetrics, registerHealth } from './routes/health.ts';

export interface WebOptions {
  readonly services: Services;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Hot reload of pages instead of the production build. */
  readonly isDevelopment?: boolean;
  /** False leaves the pages out: doors only, for tests and benches of the machine plane. */
  readonly hasPages?: boolean;
}

export interface MachineRoute {
  readonly method: string;
  readonly url: string;
}

export interface Web {
  readonly port: number;
  /** Ends open streams first, then the doors, then the pages; the caller closes the pool. */
  readonly close: () => Promise<void>;
  /** Every machine route there is, for those that check that nothing is forgotten. */
  readonly routes: readonly MachineRoute[];
}

/** Paths that machines ask; everything else is a page. Split before any parser sees a body. */
const machinePath =
  /^\/(?:api\/(?:v1|otlp|trpc)(?:[/?]|$)|(?:oauth|\.well-known|mcp)(?:[/?]|$)|(?:healthz|readyz|metrics)(?:\?|$))/;

/** True when Fastify answers this path, false when Next does. */
export function isMachinePath(url: string): boolean {
  return machinePath.test(url);
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * One port, two planes: Fastify for machines, Next for pages, in one process. A Next route handler
 * echoed 1,200 small bodies a second where bare node:http echoed 21,000.
 */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { services } = options;
  provideServices(services);
  const holder: { doors: Handler | null; pages: Handler | null } = { doors: null, pages: null };
  const proxies = services.env.SIGNALBOX_TRUST_PROXY;
  const trusted = proxies === undefined ? null : parseTrustedProxies(proxies);
  const server = createServer({ keepAliveTimeout: limits.keepAliveMs }, (request, response) => {
    // The pages count failed sign-ins by it, so it is our word and never the browser's.
    request.headers[clientAddressHeader] = clientAddress(
      request.socket.remoteAddress,
      request.headers['x-forwarded-for'],
      trusted,
    );
    const url = request.url ?? '/';
    const handler = isMachinePath(url) ? holder.doors : holder.pages;
    if (!isReadableAddress(url)) refuseAddress(response);
    else if (handler) handler(request, response);
    else response.writeHead(503, { 'retry-after': '1' }).end();
  });
  const doors = await createDoors(services, server, (handler) => {
    holder.doors = handler;
  });
  const pages = options.hasPages === false ? null : await startPages(options, server);
  holder.pages = pages?.handler ?? null;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    routes: doors.routes,
    close: async () => {
      await doors.closeStreams();
      server.closeIdleConnections();
      await doors.app.close();
      await pages?.close();
      provideServices(null);
    },
  };
}

interface Doors {
  readonly app: FastifyInstance;
  readonly routes: readonly MachineRoute[];
  readonly closeStreams: () => Promise<void>;
}

async function createDoors(
  services: Services,
  server: Server,
  onHandler: (handler: Handler) => void,
): Promise<Doors> {
  const app = Fastify({
    serverFactory: (handler) => {
      onHandler(handler);
      return server;
    },
    genReqId: newRequestId,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, request, reply) => {
      void sendProblem(services, error, request, reply);
    },
    // A batched tRPC call is one path parameter.
    routerOptions: { maxParamLength: 5000 },
    forceCloseConnections: true,
    trustProxy: services.env.SIGNALBOX_TRUST_PROXY ?? false,
  });
  const routes: MachineRoute[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
  const signals = createControlSignals(services.db.$client, services.log);
  const alertSignals = createAlertSignals(services.db.$client, services.log);
  const hub = createLiveHub(services.log, signals, alertSignals);
  const control = createControlHub(signals, services.log);
  const stopFileWatch = watchStopFile(services, stopFile(services.env));
  const commit = createGroupCommit(services.db.$client);
  const readCanaries = createCanaryReader();
  const { derivationKey, permitKey } = services.secrets;
  const broker = createBrokerTools(services.env, services.secrets);
  const redaction = { derivationKey, readKept: createKeptSecretReader(broker.markKeyOf) };
  const ingest = createIngest({ ...redaction, commit, readCanaries });
  const hold = createHoldTools({
    ...redaction,
    permitKey: await createPermitKey(permitKey),
    issuer: services.url,
    readCanaries: createCanaryReader(),
    signals,
  });
  registerErrors(app, services);
  registerHealth(app, services, createMetrics());
  registerOpenApi(app, services.url);
  registerExports(app, services);
  registerContainmentEvidence(app, services);
  const channels = createChannelTools(services);
  registerJwks(app, hold.permitKey, channels.eventKey);
  registerSsfConfiguration(app, services.url);
  await app.register(async (scope) => {
    // The doors read bytes: gzip, protobuf and JSON are bounded and decoded by themselves.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    const scan = { commit, readCanaries, classifier: classifierOf(services), log: services.log };
    registerDoors(scope, services, { ingest, hold, control, scan, broker });
  });
  await registerTrpc(app, services, { hub, ingest, hold, channels, broker });
  await app.ready();
  return {
    app,
    routes,
    closeStreams: async () => {
      hub.close();
      control.close();
      await stopFileWatch.close();
      await Promise.all([signals.close(), alertSignals.close()]);
    },
  };
}

/** The classifier that is configured; none is, unless somebody names its address. */
function classifierOf({ env }: Services): ExternalClassifier | null {
  const url = env.SIGNALBOX_CLASSIFIER_URL;
  return url === undefined
    ? null
    : createHttpClassifier(url, env.SIGNALBOX_CLASSIFIER_TOKEN ?? null);
}

/** What no door answered: unknown paths, bodies over Fastify's own bound, broken requests. */
function registerErrors(app: FastifyInstance, services: Services): void {
  app.setNotFoundHandler((request, reply) => {
    const problem = problemOf(
      new AppError('not_found', 'No door answers this path; see /api/v1/openapi.json.'),
      request.id,
    );
    return reply.code(404).type('application/problem+json').send(JSON.stringify(problem));
  });
  app.setErrorHandler((error, request, reply) => sendProblem(services, error, request, reply));
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}

function sendProblem(
  { log }: Services,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(fromFramework(error), request.id);
  if (problem.status >= 500) log.error({ err: error, requestId: request.id }, 'request failed');
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

async function startPages(
  options: WebOptions,
  server: Server,
): Promise<{ handler: Handler; close: () => Promise<void> }> {
  const pages = createNext({
    dev: options.isDevelopment ?? false,
    dir: options.services.env.SIGNALBOX_ROOT ?? process.cwd(),
    hostname: options.host,
    port: options.port,
    httpServer: server,
  });
  await pages.prepare();
  const handle = pages.getRequestHandler();
  return {
    handler: (request, response) => {
      handle(request, response).catch((error: unknown) => {
        options.services.log.error({ err: error }, 'page failed');
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    },
    close: () => pages.close(),
  };
}
