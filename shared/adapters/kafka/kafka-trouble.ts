// Why a broker and a client do not come together, in the words of the settings: kafkajs says that a connection was closed where
// one side speaks TLS and the other does not, or where a login is wanted and none is made.
import type { KafkaConfig } from 'kafkajs';

export type KafkaSecurity = Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'>;

export interface KafkaTrouble {
  readonly kind: 'login' | 'tls';
  /** What the broker does, to be read behind its name. */
  readonly what: string;
}

/** What to do about each kind, as one instruction. */
export const kafkaRemedies: Readonly<Record<KafkaTrouble['kind'], string>> = {
  login:
    'correct KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or have the user made at the brokers',
  tls: 'set KAFKA_TLS and KAFKA_TLS_CA_FILE as the listener wants it, or name another listener in KAFKA_BROKERS',
};

interface Attempt {
  readonly security: KafkaSecurity;
  /** Whether the broker had said anything yet; what asks for a login first says which requests it knows. */
  readonly isConnected: boolean;
}

/** What Node says of a certificate that it does not take, and of TLS that fails on the way to it. */
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|INVALID_CA)/;

/** @returns undefined where neither login nor TLS is the reason */
export function kafkaTrouble(error: unknown, { security, isConnected }: Attempt): KafkaTrouble | undefined {
  const { name, message, type, code } = firstOf(error);
  if (name === 'KafkaJSSASLAuthenticationError') return login(`refuses the login (${message})`);
  if (type === 'UNSUPPORTED_SASL_MECHANISM') return login(`does not know the mechanism of the login (${message})`);
  if (type === 'ILLEGAL_SASL_STATE') return login('takes no login on this listener');
  if (security.ssl && tlsCodes.test(code)) return tls(`does not pass TLS (${message})`);
  const ended = name === 'KafkaJSConnectionClosedError' || code === 'ECONNRESET';
  if (!ended) return undefined;
  if (!isConnected)
    return tls(
      security.ssl
        ? 'ends the connection before TLS begins: this listener may not speak it'
        : 'ends the connection at once, and KAFKA_TLS is not true: this listener may want it',
    );
  return security.sasl ? undefined : login('ends the connection, and no login is set: this listener may want one');
}

const login = (what: string): KafkaTrouble => ({ kind: 'login', what });
const tls = (what: string): KafkaTrouble => ({ kind: 'tls', what });

/** kafkajs wraps what it tried again. */
function firstOf(error: unknown) {
  let first = Object(error) as { readonly cause?: unknown };
  for (let depth = 0; depth < 8 && first.cause instanceof Object; depth += 1) first = first.cause as typeof first;
  const { name, message, type, code } = first as Readonly<Record<'name' | 'message' | 'type' | 'code', unknown>>;
  return { name, message: String(message), type, code: String(code) };
}
