// Secrets stay out of connector configs: a file says `${dir:<folder>:<file>}`, and the worker reads that file itself.
// Here the folder is set to where the secrets lie outside Compose, and whatever is printed is masked first.

const placeholder = /\$\{dir:([^:}]+):([^}]+)\}/g;
const secretKey = /password|passwd|secret|token|credential|jaas|private\.?key/i;
const uriWithUser = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

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

/** `text` without the user and password of any URI in it. */
export function maskUris(text: string): string {
  return text.replace(uriWithUser, '$1***@');
}

/** The value as it may be printed. A placeholder is no secret; a literal under a telling key is. */
export function maskValue(key: string, value: string): string {
  const withoutPlaceholders = value.replace(placeholder, '');
  if (secretKey.test(key) && withoutPlaceholders !== '') return '***';
  return maskUris(value);
}

export function holdsUserInUri(value: string): boolean {
  return maskUris(value) !== value;
}

export function hasPlaceholder(text: string): boolean {
  return text.search(placeholder) >= 0;
}

/** What to look at when the worker answers with a placeholder instead of what stands behind it. */
export const unreadableSecret =
  'The worker cannot read that secret: check the folder (CONNECT_SECRETS_DIR or --secrets-dir) and which folders the worker allows.';
