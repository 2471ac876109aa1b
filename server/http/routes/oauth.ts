import { tokenFormSchema } from '#server/credentials/contract.ts';
import { endOwnToken } from '#server/credentials/end-lease.ts';
import { introspectToken } from '#server/credentials/introspect-token.ts';
import type { LeaseTools } from '#server/credentials/lease-jwt.ts';
import type { AgentRequest, AgentRoute } from '#server/http/agent-route.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';

/** RFC 7662 and RFC 7009 over leases; who asks is told by its key. */
export function oauthRoutes(tools: LeaseTools): AgentRoute[] {
  const shared = { method: 'POST', bodyBytesMax: limits.requestBodyBytesMax } as const;
  return [
    {
      ...shared,
      url: '/oauth/introspect',
      permission: 'leases.introspect',
      handle: async (request) => ({
        status: 200,
        body: await introspectToken(request.ctx, tools, tokenOf(request)),
      }),
    },
    {
      ...shared,
      url: '/oauth/revoke',
      permission: 'leases.issue',
      handle: async (request) => {
        await endOwnToken(request.ctx, tools, tokenOf(request));
        return { status: 200, body: {} };
      },
    },
  ];
}

/**
 * The token of a form. `error` beside the problem is what OAuth clients look at (RFC 6749, section 5.2).
 * @throws AppError `unsupported_media_type`, `bad_request`; never with a word of what was sent
 */
function tokenOf({ body, contentType }: AgentRequest): string {
  const extras = { error: 'invalid_request' };
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') {
    throw new AppError(
      'unsupported_media_type',
      'Send the token as application/x-www-form-urlencoded.',
      { extras },
    );
  }
  const form = new URLSearchParams(Buffer.from(body).toString());
  const names = ['token', 'token_type_hint'] as const;
  const given = Object.fromEntries(
    names.flatMap((name) => {
      const values = form.getAll(name);
      return values.length === 1 ? [[name, values[0]]] : [];
    }),
  );
  const parsed = tokenFormSchema.safeParse(given);
  if (parsed.success) return parsed.data.token;
  throw new AppError('bad_request', 'Send one token, as the form’s member `token`.', { extras });
}
