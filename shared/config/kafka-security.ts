// How a client of Kafka logs in and whether it speaks TLS: the settings, and what kafkajs takes in their place. Every client of
// Kafka here is opened with it. A combination that cannot work, or would send a password in the clear, is refused at the start.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { type Settings, SettingsFault } from './settings.ts';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
type Mechanism = (typeof mechanisms)[number];

export const kafkaSecuritySettings = {
  KAFKA_TLS: z
    .enum(['false', 'true'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('whether the brokers are spoken to by TLS: `true` or `false`'),
  KAFKA_TLS_CA_FILE: z
    .string()
    .transform(certificatesIn)
    .optional()
    .describe(
      "the certificates (PEM) of the authority that signed the brokers', in place of the list that Node brings",
    ),
  KAFKA_SASL_MECHANISM: z
    .string()
    .toLowerCase()
    .pipe(z.enum(mechanisms))
    .optional()
    .describe('how to log in at the brokers: `plain`, `scram-sha-256` or `scram-sha-512`; without it nobody logs in'),
  KAFKA_SASL_USERNAME: z.string().optional().describe('the user who logs in'),
  KAFKA_SASL_PASSWORD: z.string().optional().describe("that user's password; it is never printed"),
} as const;

/** What kafkajs takes, to be spread into its configuration; empty without TLS and login. */
export interface KafkaSecurity {
  readonly ssl?: true | { readonly ca: string };
  readonly sasl?: Login<Mechanism>;
  readonly socketFactory?: typeof onThisMachine;
}

/** One type for each mechanism, as kafkajs has them. */
type Login<M> = M extends Mechanism
  ? { readonly mechanism: M; readonly username: string; readonly password: string }
  : never;

/** @throws SettingsFault naming every setting that does not go with the others, and the way out */
export function kafkaSecurity(
  settings: Partial<Settings<typeof kafkaSecuritySettings>>,
  brokers: readonly string[] = [],
): KafkaSecurity {
  const { KAFKA_TLS: tls, KAFKA_TLS_CA_FILE: ca, KAFKA_SASL_MECHANISM: mechanism } = settings;
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  const inClear = mechanism === 'plain' && !tls;
  const faults: string[] = [];
  if (ca && !tls) faults.push('KAFKA_TLS_CA_FILE is set without TLS: set KAFKA_TLS=true, or take it away.');
  for (const [name, value] of Object.entries({ KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password })) {
    if (mechanism && value === undefined)
      faults.push(`KAFKA_SASL_MECHANISM is set without ${name}: set both, or take it away.`);
    if (!mechanism && value !== undefined)
      faults.push(
        `${name} is set without KAFKA_SASL_MECHANISM: set it to ${mechanisms.join(', ')}, or take both away.`,
      );
  }
  const elsewhere = brokers.find((broker) => !isHere(broker.trim().split(':')[0]));
  if (inClear && elsewhere !== undefined) faults.push(`KAFKA_SASL_MECHANISM=plain ${sentInClear(elsewhere)}`);
  if (faults.length > 0) throw new SettingsFault(faults.join('\n'));
  return {
    ...(tls && { ssl: ca === undefined ? true : { ca } }),
    ...(mechanism && { sasl: { mechanism, username: username ?? '', password: password ?? '' } }),
    ...(inClear && { socketFactory: onThisMachine }),
  };
}

function isHere(host = ''): boolean {
  return /^(localhost|127(\.\d{1,3}){3})$/i.test(host);
}

const sentInClear = (to: string) =>
  `without TLS sends the password in the clear to ${to}: set KAFKA_TLS=true, or take scram-sha-512.`;

/**
 * For a password in the clear. Brokers say themselves where they are, so that an address on this machine (a tunnel, a forwarded
 * port) may lead to others that are not.
 */
function onThisMachine(to: { readonly host: string; readonly port: number; readonly onConnect: () => void }): Socket {
  if (!isHere(to.host)) throw new Error(`KAFKA_SASL_MECHANISM=plain ${sentInClear(to.host)}`);
  return connect({ host: to.host, port: to.port, keepAlive: true }, to.onConnect);
}

/** The text of the file, which holds certificates and whatever else. */
function certificatesIn(path: string, context: z.RefinementCtx): string {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(`cannot be read (${(error as NodeJS.ErrnoException).code}): name a file that this process may read`);
  }
  const blocks = certificateBlocks(text);
  if (blocks.length === 0)
    return refuse('holds no certificate in PEM: keytool -exportcert -rfc writes one from a trust store of Java');
  if (!blocks.every(isCertificate)) return refuse('holds a certificate that cannot be read: write the file anew');
  return blocks.join('\n');
}

const [begin, end] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'];

/** From each beginning to its end; a block without an end is not a certificate, and is returned as it is. */
function certificateBlocks(text: string): string[] {
  const [, ...bodies] = text.split(begin);
  return bodies.map((body) => {
    const at = body.indexOf(end);
    return begin + (at === -1 ? body : body.slice(0, at + end.length));
  });
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).subject !== undefined;
  } catch {
    return false;
  }
}
