import { leaseInput } from '#server/credentials/contract.ts';
import { endOwnLease } from '#server/credentials/end-lease.ts';
import { issueLease } from '#server/credentials/issue-lease.ts';
import type { LeaseTools } from '#server/credentials/lease-jwt.ts';
import { refuseUnderStopFile } from '#server/gate/with-gate.ts';
import type { AgentRoute } from '#server/http/agent-route.ts';
import { limits } from '#server/kernel/limits.ts';
import { parseAsked, parseJsonBody } from './parse-asked.ts';

/** Leases of credentials: taken and given back by agents; contract.md, section 6. */
export function leaseRoutes(tools: LeaseTools): AgentRoute[] {
  const shared = { permission: 'leases.issue', bodyBytesMax: limits.requestBodyBytesMax } as const;
  return [
    {
      ...shared,
      method: 'POST',
      url: '/api/v1/leases',
      refuseWithoutDatabase: refuseUnderStopFile,
      handle: async ({ ctx, body }) => ({
        status: 201,
        body: await issueLease(ctx, tools, parseAsked(leaseInput, parseJsonBody(body))),
      }),
    },
    {
      ...shared,
      method: 'DELETE',
      url: '/api/v1/leases/:id',
      handle: async ({ ctx, params }) => ({
        status: 200,
        body: await endOwnLease(ctx, params['id'] ?? ''),
      }),
    },
  ];
}
