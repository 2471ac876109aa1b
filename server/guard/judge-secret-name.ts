/** Words that name a secret when they stand before `:` or `=` or are an object's key. */
const secretNames: ReadonlySet<string> = new Set([
  'password',
  'passwd',
  'passwort',
  'contrasena',
  'pwd',
  'passphrase',
  'passcode',
  'secret',
  'secrets',
  'apikey',
  'apitoken',
  'apisecret',
  'appsecret',
  'appkey',
  'accesskey',
  'accesskeyid',
  'accesstoken',
  'accountkey',
  'authtoken',
  'authkey',
  'bearer',
  'bearertoken',
  'clientsecret',
  'consumersecret',
  'credential',
  'credentials',
  'encryptionkey',
  'idtoken',
  'masterkey',
  'privatekey',
  'privatetoken',
  'refreshtoken',
  'secretaccesskey',
  'secretkey',
  'sharedaccesskey',
  'sharedkey',
  'sharedsecret',
  'sessiontoken',
  'securitytoken',
  'servicekey',
  'signingkey',
  'signingsecret',
  'sastoken',
  'token',
  'usertoken',
  'webhooksecret',
  'xapikey',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'xamzsignature',
  'xamzsecuritytoken',
]);
/** Short numbers count as secret only under these very names. */
const numericSecretNames: ReadonlySet<string> = new Set([
  'cvv',
  'cvc',
  'cvv2',
  'pin',
  'pincode',
  'otp',
  'otpcode',
  'onetimepassword',
  'sig',
]);

/** How much a name says about its value. */
export type SecretName = 'none' | 'password' | 'opaque' | 'header' | 'numeric';

const nameCache = new Map<string, SecretName>();
const nameCacheEntriesMax = 4096;

function judgeName(name: string): SecretName {
  if (name.length > 64) return 'none';
  const flat = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (flat === 'authorization' || flat === 'proxyauthorization') return 'header';
  if (flat === 'cookie' || flat === 'setcookie') return 'header';
  if (numericSecretNames.has(flat)) return 'numeric';
  if (secretNames.has(flat)) return /pass|pwd|contrasena/.test(flat) ? 'password' : 'opaque';
  // PGPASSWORD, MYSQL_ROOT_PASSWORD, slackapitoken.
  if (/(?:password|passwd|passphrase)$/.test(flat)) return 'password';
  if (/(?:apikey|apitoken|secretkey|accesstoken|clientsecret)$/.test(flat)) return 'opaque';
  // The last one to three words of `db.user_passwordNew` style names decide.
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  for (let count = Math.min(3, words.length - 1); count >= 1; count -= 1) {
    const tail = words.slice(-count).join('');
    if (
      tail === 'token' &&
      /^(?:next|page|previous|prev|sync|continuation|max|min|end|start|eos|bos|pad|unk)/.test(
        words[0] ?? '',
      )
    )
      return 'none';
    if (numericSecretNames.has(tail) && tail !== 'sig') return 'numeric';
    if (secretNames.has(tail) && tail !== 'bearer')
      return /pass|pwd|contrasena/.test(tail) ? 'password' : 'opaque';
  }
  return 'none';
}

/**
 * What the name of a field or variable says about its value: `password` (any text may be one),
 * `opaque` (a key or token: looks random), `header` (an Authorization or Cookie header), `numeric`
 * (a short code), or `none`. Remembered, since a tenant's field names repeat by the million.
 */
export function judgeSecretName(name: string): SecretName {
  const known = nameCache.get(name);
  if (known !== undefined) return known;
  const judged = judgeName(name);
  if (nameCache.size >= nameCacheEntriesMax) nameCache.clear();
  nameCache.set(name, judged);
  return judged;
}
