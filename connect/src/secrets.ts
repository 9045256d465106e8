// Secrets stay out of connector configs: a file says `${dir:<folder>:<file>}`, and the worker reads that file itself.
// Here the folder is set to where the secrets lie outside Compose, and whatever is printed is masked first.

const placeholder = /\$\{dir:([^:}]+):([^}]+)\}/g;
const secretKey = /password|passwd|secret|token|credential|jaas|private\.?key/i;
// Up to the last @ before white space, whatever stands between: a password may hold quotes and brackets, and "/" and "@" where it
// should not. What follows it in the same word is masked with it rather than told.
const uriWithUser = /([a-z][a-z0-9+.-]*:\/\/)\S*@/gi;
// A value that is a URI as a whole ends where it ends: MongoDB's driver takes even a password with a space.
const wholeUriWithUser = /^(\s*[a-z][a-z0-9+.-]*:\/\/).*@/is;
const uriOption = /([?&])([^=&\s]+)=([^&\s]+)/g;

/** The config with every `${dir:…}` placeholder looking into `folder`; unchanged without one. */
export function placeSecrets(
  config: Readonly<Record<string, string>>,
  folder: string | undefined,
): Readonly<Record<string, string>> {
  if (folder === undefined) return config;
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      value.replace(placeholder, (_whole, _folder, file: string) => `\${dir:${folder}:${file}}`),
    ]),
  );
}

/** `text` without the user and password of any URI in it, and without secrets among its options. */
export function maskUris(text: string): string {
  return text
    .replace(uriWithUser, '$1***@')
    .replace(uriOption, (whole, mark: string, key: string, value: string) =>
      secretKey.test(key) || /AWS_SESSION_TOKEN/i.test(value) ? `${mark}${key}=***` : whole,
    );
}

/** As `maskUris`, of a value that is one URI if it begins as one: its password may hold white space too. */
export function maskUri(value: string): string {
  return maskUris(value.replace(wholeUriWithUser, '$1***@'));
}

/** The value as it may be printed. A placeholder is no secret; a literal under a telling key is. */
export function maskValue(key: string, value: string): string {
  const withoutPlaceholders = value.replace(placeholder, '');
  if (secretKey.test(key) && withoutPlaceholders !== '') return '***';
  return maskUri(value);
}

/** Whether a secret stands in the value itself; what a placeholder stands for does not. */
export function holdsSecret(key: string, value: string): boolean {
  // A user and a password that are both placeholders leave `://:@` behind.
  const literal = value.replace(placeholder, '').replace(/:\/\/:?@/g, '://');
  if (/jaas/i.test(key)) return /password\s*=\s*"?[^"\s;]/i.test(literal);
  return (secretKey.test(key) && literal !== '') || maskUri(literal) !== literal;
}

export function hasPlaceholder(text: string): boolean {
  return text.search(placeholder) >= 0;
}

/** What to look at when the worker answers with a placeholder instead of what stands behind it. */
export const unreadableSecret =
  'The worker cannot read that secret: check the folder (CONNECT_SECRETS_DIR or --secrets-dir) and which folders the worker allows.';
