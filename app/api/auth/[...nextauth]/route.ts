import NextAuth from 'next-auth';
import type { NextRequest } from 'next/server';
import { createNextAuthOptions } from '#server/auth/next-auth-options.ts';
import { services } from '#server/kernel/services.ts';

interface RouteContext {
  readonly params: Promise<{ nextauth: string[] }>;
}

/** Sign-in and sign-out of people. The options are made per request: the process provides them. */
async function handle(request: NextRequest, context: RouteContext): Promise<Response> {
  const answer: unknown = await NextAuth(request, context, createNextAuthOptions(services()));
  if (!(answer instanceof Response)) throw new Error('next-auth gave no response');
  return answer;
}

export { handle as GET, handle as POST };
