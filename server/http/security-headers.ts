/** `development` loosens only what Next's hot reload needs; `production` is the promise. */
export type HeaderMode = 'production' | 'development';

/**
 * The content security policy of a page. Scripts run only with this request's nonce (or when such
 * a script loads them); styles come from our files or carry the nonce. `style-src-attr` stays open
 * because charts and virtual lists place their parts by `style="…"`, which cannot run code.
 * @param nonce base64, fresh for every request
 */
export function buildContentSecurityPolicy(nonce: string, mode: HeaderMode): string {
  const isDevelopment = mode === 'development';
  const directives = [
    "default-src 'self'",
    // React's development build reconstructs server stacks by eval; production never evaluates text.
    `script-src 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    isDevelopment
      ? "style-src 'self' 'unsafe-inline'"
      : `style-src 'self' 'nonce-${nonce}'; style-src-attr 'unsafe-inline'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${isDevelopment ? ' ws: wss:' : ''}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return directives.join('; ');
}

/**
 * Headers that every page answers with, beside the policy above. No HSTS here: Signalbox also runs
 * on plain http on one machine, and the proxy that ends TLS is the one to promise it.
 */
export const staticSecurityHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'X-Permitted-Cross-Domain-Policies': 'none',
};
