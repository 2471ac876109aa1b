import { describe, expect, it } from 'vitest';
import { describeBrowser } from './describe-browser.ts';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

describe('describeBrowser', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0',
      'Firefox 141 on Linux',
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/153.0.0.0 Safari/537.36`,
      'Chrome 153 on Windows',
    ],
    [
      `Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/153.0.0.0 Safari/537.36`,
      'Chrome 153 on Linux',
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/153.0.0.0 Safari/537.36 Edg/153.0.0.0`,
      'Edge 153 on Windows',
    ],
    [
      `Mozilla/5.0 (Linux; Android 16) ${webkit} Chrome/153.0.0.0 Mobile Safari/537.36`,
      'Chrome 153 on Android',
    ],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Version/26.1 Safari/605.1.15`,
      'Safari 26 on macOS',
    ],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) ${webkit} Version/19.0 Mobile/15E148 Safari/604.1`,
      'Safari 19 on iOS',
    ],
    ['curl/8.9', 'An unknown browser'],
    ['something on Linux', 'An unknown browser on Linux'],
    ['', 'An unknown browser'],
    ['\u202eFirefox/x', 'An unknown browser'],
  ])('%s', (userAgent, words) => {
    expect(describeBrowser(userAgent)).toBe(words);
  });
});
