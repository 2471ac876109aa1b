import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import { createRequestContext } from '#server/auth/request-context.ts';
import { errorHeaders } from '#server/http/agent-route.ts';
import { isStoreError } from '#server/http/problem.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Services } from '#server/kernel/services.ts';
import { boundPayload } from './bound-payload.ts';
import { type AppRouter, createAppRouter, type RouterDependencies } from '#server/trpc/root.ts';

/**
 * `/api/trpc`: people with their sign-in cookie and, for telemetry, agents with their keys. tRPC's
 * own adapter, on the machine plane because streams and batches must not queue behind pages.
 */
export async function registerTrpc(
  app: FastifyInstance,
  services: Services,
  dependencies: RouterDependencies,
): Promise<void> {
  const trpcOptions: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: createAppRouter(dependencies),
    createContext: ({ req }) => createRequestContext(services, req),
    responseMeta: ({ errors }) => ({ headers: errorHeaders(errors[0]?.cause) }),
    onError: ({ error, path, ctx }) => {
      const isUnexpected = error.code === 'INTERNAL_SERVER_ERROR' && !isAppError(error.cause);
      // The caller is told to come back, the operator why: as of the doors of machines.
      if (!isUnexpected && !isStoreError(error.cause)) return;
      services.log.error({ err: error, path, requestId: ctx?.requestId }, 'procedure failed');
    },
  };
  await app.register(
    async (scope) => {
      scope.addHook('preParsing', boundPayload(limits.telemetryBodyBytesMax));
      await scope.register(fastifyTRPCPlugin, { prefix: '/api/trpc', trpcOptions });
    },
    { bodyLimit: limits.telemetryBodyBytesMax },
  );
}
