/** What of a request tells where it was started. */
export interface RequestOrigin {
  readonly method: string;
  /** `Host` header. */
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  readonly contentType: string | undefined;
}

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request that carries a person's cookie was started by our own pages (RFC 6265 cookies
 * go along whoever starts it). A change must prove it: `Sec-Fetch-Site: same-origin`, or an `Origin`
 * that is ours where a browser sends no fetch metadata, and a JSON body, which no form can send. A
 * read may say nothing, but must not say that it comes from elsewhere.
 * @param publicUrl the address that people use; the `Host` header counts too, because one machine
 *   has several names.
 */
export function isSameSite(request: RequestOrigin, publicUrl: string): boolean {
  const { secFetchSite } = request;
  if (readingMethods.has(request.method)) {
    return secFetchSite === undefined || secFetchSite === 'same-origin' || secFetchSite === 'none';
  }
  if (!/^application\/json\s*(?:;|$)/i.test(request.contentType ?? '')) return false;
  if (secFetchSite !== undefined) return secFetchSite === 'same-origin';
  return isOurOrigin(request, publicUrl);
}

function isOurOrigin({ origin, host }: RequestOrigin, publicUrl: string): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false;
  const asking = new URL(origin).host;
  return asking !== '' && (asking === host?.toLowerCase() || asking === new URL(publicUrl).host);
}
