import { NextResponse, type NextRequest } from 'next/server';
import {
  buildContentSecurityPolicy,
  staticSecurityHeaders,
} from './server/http/security-headers.ts';

const mode = process.env.NODE_ENV === 'development' ? 'development' : 'production';

/**
 * Gives every page its nonce and its security headers, and decides nothing: who may see what is
 * answered by the procedures, so a request that slips past here gains no right.
 */
export function proxy(request: NextRequest): NextResponse {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const nonce = btoa(String.fromCharCode(...bytes));
  const policy = buildContentSecurityPolicy(nonce, mode);

  const requestHeaders = new Headers(request.headers);
  // Next reads the nonce of its own scripts out of the request's policy.
  requestHeaders.set('Content-Security-Policy', policy);
  requestHeaders.set('x-nonce', nonce);
  // Where a person who has to sign in first wanted to go.
  requestHeaders.set('x-signalbox-path', `${request.nextUrl.pathname}${request.nextUrl.search}`);

  const response = NextResponse.next({ request: { headers: requestHeaders } });
  response.headers.set('Content-Security-Policy', policy);
  for (const [name, value] of Object.entries(staticSecurityHeaders)) {
    response.headers.set(name, value);
  }
  return response;
}

export const config = {
  matcher: ['/((?!_next/static|_next/image).*)'],
};
