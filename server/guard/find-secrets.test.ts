import { describe, expect, it } from 'vitest';
import { processorMs } from '#server/testing/processor-ms.ts';
import { findSecrets } from '#server/guard/find-secrets.ts';

const mixed = 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY';
const long = mixed.repeat(4);
const jwt = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${Buffer.from('{"sub":"1234567890"}').toString('base64url')}.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c`;

/** What must be found: the detector and exactly the part that has to go. */
const secrets: readonly { detector: string; secret: string; text?: string }[] = [
  { detector: 'aws_access_key', secret: 'AKIAIOSFODNN7EXAMPLE' },
  { detector: 'aws_access_key', secret: 'ASIAY34FZKBOKMUTVV7A' },
  { detector: 'gcp_api_key', secret: `AIza${long.slice(0, 35)}` },
  { detector: 'gcp_oauth_token', secret: `ya29.${mixed}` },
  { detector: 'gcp_client_secret', secret: `GOCSPX-${mixed.slice(0, 28)}` },
  { detector: 'github_token', secret: `ghp_${long.slice(0, 36)}` },
  { detector: 'github_token', secret: `gho_${long.slice(0, 36)}` },
  { detector: 'github_token', secret: `github_pat_${mixed.slice(0, 22)}_${long.slice(0, 59)}` },
  { detector: 'gitlab_token', secret: `glpat-${mixed.slice(0, 20)}` },
  { detector: 'slack_token', secret: `xoxb-123456789012-1234567890123-${mixed.slice(0, 24)}` },
  { detector: 'slack_token', secret: `xapp-1-A012345678-123456789-${mixed}` },
  {
    detector: 'slack_webhook',
    secret: 'hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX',
    text: 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX',
  },
  { detector: 'stripe_key', secret: `sk_live_${mixed.slice(0, 24)}` },
  { detector: 'stripe_key', secret: `rk_test_${mixed.slice(0, 24)}` },
  { detector: 'openai_key', secret: `sk-${long.slice(0, 48)}` },
  { detector: 'openai_key', secret: `sk-proj-${long.slice(0, 74)}` },
  { detector: 'anthropic_key', secret: `sk-ant-api03-${long.slice(0, 93)}AA` },
  { detector: 'huggingface_token', secret: `hf_${long.slice(0, 34)}` },
  { detector: 'npm_token', secret: `npm_${long.slice(0, 36)}` },
  { detector: 'pypi_token', secret: `pypi-AgEIcHlwaS5vcmc${long.slice(0, 60)}` },
  { detector: 'sendgrid_key', secret: `SG.${mixed.slice(0, 22)}.${long.slice(0, 43)}` },
  { detector: 'shopify_token', secret: `shpat_${'0123456789abcdef'.repeat(2)}` },
  { detector: 'digitalocean_token', secret: `dop_v1_${'0123456789abcdef'.repeat(4)}` },
  { detector: 'vault_token', secret: `hvs.${mixed}` },
  {
    detector: 'signalbox_key',
    secret: `sbk_agent_${'a2b3c4d5e6f7g2h3j4k5m6n7p2'}_${long.slice(0, 43)}`,
  },
  { detector: 'twilio_key', secret: `SK${'0123456789abcdef'.repeat(2)}` },
  { detector: 'telegram_bot_token', secret: `123456789:AA${long.slice(0, 33)}` },
  { detector: 'azure_client_secret', secret: `abc8Q~${long.slice(0, 34)}` },
  { detector: 'jwt', secret: jwt },
  {
    detector: 'private_key',
    secret: '-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----',
  },
  {
    detector: 'private_key',
    secret: '-----BEGIN PRIVATE KEY-----\\nMIIEow==\\n-----END PRIVATE KEY-----',
  },
  {
    detector: 'private_key',
    secret: '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE',
    text: 'cut: -----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE',
  },
  {
    detector: 'connection_password',
    secret: 'app:hunter2',
    text: 'postgres://app:hunter2@db.internal:5432/prod',
  },
  { detector: 'connection_password', secret: ':pa@ss', text: 'redis://:pa@ss@cache:6379' },
  {
    detector: 'connection_password',
    secret: 'user:tok3n',
    text: 'git clone https://user:tok3n@git.example.com/x.git',
  },
  { detector: 'assigned_password', secret: 'hunter2', text: 'password=hunter2' },
  {
    detector: 'assigned_password',
    secret: 'blue horse battery',
    text: '"db_password": "blue horse battery",',
  },
  { detector: 'assigned_password', secret: 'S3cret!', text: "PGPASSWORD='S3cret!' psql" },
  { detector: 'assigned_password', secret: 'x9!', text: 'user_pwd: "x9!"' },
  {
    detector: 'assigned_password',
    secret: 'alicebanking',
    text: 'Bank Account Password: alicebanking\nNext',
  },
  { detector: 'assigned_password', secret: 'pw-1', text: '{\\"password\\":\\"pw-1\\"}' },
  { detector: 'assigned_password', secret: 'geheim99', text: 'Passwort: geheim99' },
  {
    detector: 'assigned_opaque',
    secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    text: 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  {
    detector: 'assigned_opaque',
    secret: 'a1b2c3d4e5f6',
    text: 'https://api.example.com/v1?api_key=a1b2c3d4e5f6&limit=3',
  },
  { detector: 'assigned_opaque', secret: 'Zm9vYmFyMTIz', text: "clientSecret: 'Zm9vYmFyMTIz'" },
  {
    detector: 'assigned_opaque',
    secret: `${long.slice(0, 86)}==`,
    text: `AccountName=x;AccountKey=${long.slice(0, 86)}==;EndpointSuffix=y`,
  },
  {
    detector: 'assigned_header',
    secret: 'abcdef0123456789',
    text: 'Authorization: Bearer abcdef0123456789',
  },
  {
    detector: 'assigned_header',
    secret: 'dXNlcjpwYXNz',
    text: "-H 'Authorization: Basic dXNlcjpwYXNz'",
  },
  {
    detector: 'assigned_header',
    secret: 'sid=abc123; theme=dark',
    text: 'Cookie: sid=abc123; theme=dark\nHost: x',
  },
  { detector: 'assigned_numeric', secret: '123456', text: 'Your OTP: 123456' },
  {
    detector: 'spoken_password',
    secret: 'alice.m.123',
    text: 'the username is alice and the password is alice.m.123.',
  },
  {
    detector: 'spoken_password',
    secret: 'X9-blue',
    text: 'Please change my password to "X9-blue" today',
  },
  {
    detector: 'contextual_token',
    secret: mixed,
    text: `here is the API key for staging ${mixed} please rotate`,
  },
  {
    detector: 'contextual_token',
    secret: '0123456789abcdef0123456789abcdef',
    text: 'use this access token 0123456789abcdef0123456789abcdef',
  },
];

/** Ordinary text that looks like it. */
const innocent: readonly string[] = [
  'trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7',
  'id 550e8400-e29b-41d4-a716-446655440000',
  'commit 9fceb02d0ae598e95dc970b74767f19372d61af8',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'integrity sha512-Qw6yxJfUuE7eqKfK0lXyZ0Sg8zr9f5z8e1Y9LrTz0j7zV8m9yQ2Bz1x3c4v5b6n7m8==',
  `data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA${'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8w'.repeat(20)}`,
  'password: required',
  'Password is required and must be at least 8 characters.',
  'password = os.environ["DB_PASSWORD"]',
  'password: ${DB_PASSWORD}',
  'const token = getAccessTokenFromRequest(request);',
  'token: string; apiKey?: string; secret: null',
  'api_key=YOUR_API_KEY',
  'api_key = config.apiKey',
  '<input type="password" name="password" placeholder="Password">',
  'max_tokens: 128000, completion_tokens=2048, next_page_token: abc123def456ghi',
  'The secret: never give up. The key: practice. Token: a small coin.',
  'primary key: id, foreign key: user_id1',
  'forgot your password? The password is wrong, please reset it.',
  'Authorization: Bearer <token>',
  'https://example.com/a/b?c=d#e',
  'mailto:alice@example.com http://localhost:3000/path@2x.png',
  'sk-learn and sk-fading-circle are names, AKIA is a prefix, ghp_ too',
  'eyJ is how they begin, eyJhbGciOi.x.y is none',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----',
  'pin: none, otp disabled, cvv: ***',
  'password: ********, secret: [SECRET:0a1b2c3d]',
  'keyboard: qwerty1234567890; monkey=banana12',
  'getServerSidePropsWithAuthenticationToken and some_very_long_identifier_name_2',
];

describe('findSecrets', () => {
  it.each(secrets)('finds $detector: $secret', ({ detector, secret, text }) => {
    const inText = text ?? `Before "${secret}", after.`;
    const found = findSecrets(inText);
    const exact = found.filter((match) => inText.slice(match.start, match.end) === secret);
    expect(exact.map((match) => match.detector)).toContain(detector);
  });

  it.each(innocent)('passes %s', (text) => {
    expect(findSecrets(text).map((match) => text.slice(match.start, match.end))).toEqual([]);
  });

  it.each([
    ['password', 'letmein', true],
    ['userPassword', 'blue horse battery staple', true],
    ['api_key', 'a1b2c3d4e5', true],
    ['X-Api-Key', 'a1b2c3d4e5', true],
    ['Authorization', 'Bearer a1b2c3d4', true],
    ['cvv', '123', true],
    ['otp', '998877', true],
    ['set-cookie', 'sid=1; path=/', true],
    ['password', 'Password is required', false],
    ['passwordPolicy', 'a1b2c3d4e5', false],
    ['token_type', 'Bearer', false],
    ['nextPageToken', 'a1b2c3d4e5', false],
    ['tokens', 'a1b2c3d4e5', false],
    ['key', 'a1b2c3d4e5', false],
    ['pin', 'board', false],
    ['note', 'letmein', false],
    ['password', '', false],
    ['password', '[SECRET:0a1b2c3d]', false],
  ])('takes the name of a field into account: %s = %s', (name, value, isSecret) => {
    expect(findSecrets(value, name).length > 0).toBe(isSecret);
  });

  it('leaves no part of two keys glued together', () => {
    const text = `ghp_${long.slice(0, 36)}ghp_${long.slice(0, 36)}`;
    expect(findSecrets(text)).toMatchObject([{ start: 0, end: text.length }]);
  });

  it.each([
    '-eyJ'.repeat(250_000),
    'sk-'.repeat(330_000),
    'password='.repeat(110_000),
    'password is '.repeat(80_000),
    '-----BEGIN PRIVATE KEY-----'.repeat(37_000),
    '://a:'.repeat(200_000),
    'A'.repeat(1_000_000),
    'Authorization: '.repeat(66_000),
    'secret:"\\'.repeat(110_000),
    `${'a'.repeat(23)}.`.repeat(41_000),
    '0'.repeat(1_000_000),
  ])('stays linear on a megabyte of evil (%#)', (text) => {
    expect(processorMs(() => findSecrets(text))).toBeLessThan(5000);
  });
});
