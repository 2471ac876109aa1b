import { describe, expect, it } from 'vitest';
import { buildContentSecurityPolicy, staticSecurityHeaders } from './security-headers.ts';

const nonce = 'bm9uY2U=';

function directivesOf(policy: string): Map<string, string[]> {
  return new Map(
    policy.split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values];
    }),
  );
}

describe('buildContentSecurityPolicy in production', () => {
  const directives = directivesOf(buildContentSecurityPolicy(nonce, 'production'));

  it.each([
    ['script-src', [`'nonce-${nonce}'`, "'strict-dynamic'"]],
    ['style-src', ["'self'", `'nonce-${nonce}'`]],
    ['style-src-attr', ["'unsafe-inline'"]],
    ['connect-src', ["'self'"]],
    ['object-src', ["'none'"]],
    ['base-uri', ["'none'"]],
    ['form-action', ["'self'"]],
    ['frame-ancestors', ["'none'"]],
    ['frame-src', ["'none'"]],
  ])('%s is exactly %j', (name, values) => {
    expect(directives.get(name)).toEqual(values);
  });

  it('names no directive twice, since only the first would count', () => {
    const policy = buildContentSecurityPolicy(nonce, 'production');
    expect(policy.split('; ')).toHaveLength(directives.size);
  });

  it('allows unsafe-* nowhere but in style attributes', () => {
    for (const [name, values] of directives) {
      if (name === 'style-src-attr') continue;
      expect(values.filter((value) => value.includes('unsafe'))).toEqual([]);
    }
  });

  it('names no other origin and no wildcard', () => {
    for (const values of directives.values()) {
      expect(values.filter((value) => value.includes('*') || value.includes('//'))).toEqual([]);
    }
  });
});

describe('buildContentSecurityPolicy in development', () => {
  const directives = directivesOf(buildContentSecurityPolicy(nonce, 'development'));

  it('lets hot reload evaluate and inject styles', () => {
    expect(directives.get('script-src')).toContain("'unsafe-eval'");
    expect(directives.get('style-src')).toContain("'unsafe-inline'");
    expect(directives.get('connect-src')).toContain('ws:');
  });

  it('still runs no script without the nonce', () => {
    expect(directives.get('script-src')).toContain(`'nonce-${nonce}'`);
    expect(directives.get('script-src')).not.toContain("'unsafe-inline'");
  });
});

describe('staticSecurityHeaders', () => {
  it('refuses sniffing and framing', () => {
    expect(staticSecurityHeaders['X-Content-Type-Options']).toBe('nosniff');
    expect(staticSecurityHeaders['X-Frame-Options']).toBe('DENY');
  });
});
