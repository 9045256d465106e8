// Asks the worker what it thinks of a config before anything is changed. Connect takes unknown keys without a word, so that
// `heartbeat.intervall.ms` would pass: the keys that its answer leaves out, or knows no definition of, are the typos.
import type { ConnectRest, ValidatedKey } from './connect-rest.ts';
import type { ConnectorFile } from './connector-file.ts';
import { wantedConfig } from './reconcile.ts';
import { hasPlaceholder, maskValue, unreadableSecret } from './secrets.ts';

export interface KeyFault {
  readonly key: string;
  readonly detail: string;
}

/**
 * The faults that the worker finds in the connector's config, unknown keys last. Empty: all is well.
 * `topic.creation.*` is not part of the worker's answer; `connector-rules.ts` has checked it already.
 */
export async function validateWithWorker(rest: ConnectRest, file: ConnectorFile): Promise<KeyFault[]> {
  const config = wantedConfig(file);
  const connectorClass = config['connector.class'] ?? '';
  const installed = await rest.connectorClasses();
  if (!installed.includes(connectorClass)) {
    const there = installed.filter((name) => !name.startsWith('org.apache.kafka.connect.mirror')).join(', ');
    return [
      {
        key: 'connector.class',
        detail: `${connectorClass} is not installed at ${rest.url}; it has ${there || 'none'}`,
      },
    ];
  }
  const answer = await rest.validate(connectorClass, config);
  return [...errorsOf(answer, config), ...unknownKeys(answer, config)];
}

function errorsOf(answer: readonly ValidatedKey[], config: Readonly<Record<string, string>>): KeyFault[] {
  return answer.flatMap(({ value: { name, errors } }) => {
    const given = config[name] ?? '';
    // The worker repeats the value it was given, which may be a secret.
    const masked = (text: string) => (given === '' ? text : text.replaceAll(given, maskValue(name, given)));
    // A placeholder in the answer means that the worker found nothing behind it.
    const hint = (text: string) => (hasPlaceholder(text) ? `${text}. ${unreadableSecret}` : text);
    return errors.map((error) => ({ key: name, detail: hint(masked(error).replace(/\s*\n\s*/g, ' ')) }));
  });
}

function unknownKeys(answer: readonly ValidatedKey[], config: Readonly<Record<string, string>>): KeyFault[] {
  const known = new Set(answer.filter((key) => key.definition !== null).map((key) => key.value.name));
  return Object.keys(config)
    .filter((key) => !known.has(key) && !key.startsWith('topic.creation.'))
    .map((key) => ({
      key,
      detail: 'is not known to the worker, which would ignore it in silence: check its spelling',
    }));
}
