// The line by which `npm run connect` and `npm run admin` find a system that `npm start` started: its ports vary from machine to
// machine. It is printed to be copied into another terminal, and holds no secret.
import type { ReadyLine } from './system.ts';

/** @param own the address of MongoDB where it was started here; another one may hold a password, and whoever gave it knows it */
export function exportLine(ready: ReadyLine, secretsDir: string, own: string | undefined): string {
  const variables = {
    USER_SERVICE_URL: ready.userService,
    SHOPPING_SERVICE_URL: ready.shoppingService,
    MONGODB_URI: own,
    KAFKA_BROKERS: ready.kafka,
    CONNECT_URL: ready.connect,
    CONNECT_SECRETS_DIR: ready.connect === null ? null : secretsDir,
  };
  const given = Object.entries(variables).flatMap(([name, value]) => (value ? [`${name}=${quoted(value)}`] : []));
  return `export ${given.join(' ')}`;
}

/** As one word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
