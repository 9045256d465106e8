// A broker as an estate has it: a listener by TLS with a login (PLAIN and SCRAM), its certificate of an authority that nobody knows;
// beside it one with a login alone, and one with neither.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  assembleJars,
  type BrokerSettings,
  type DataFolders,
  findJava,
  freePort,
  type Java,
  startKafka,
  systemSettings,
} from '@foldline/system';

export const user = 'shop';
export const password = 'zeisig-0123456789';
const storePassword = 'only-for-this-test';
const scrams = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

export interface SecuredKafka {
  /** The listener without TLS and login. */
  readonly open: string;
  /** The one with both. */
  readonly secured: string;
  /** The one with a login and no TLS. */
  readonly clear: string;
  /** The authority of the broker's certificate. */
  readonly caFile: string;
  close(): Promise<void>;
}

/** @throws SystemFailure when it does not start */
export async function startSecuredKafka(folders: DataFolders): Promise<SecuredKafka> {
  const { cacheDir, javaHome } = systemSettings();
  const java = await findJava({ javaHome });
  const jars = await assembleJars({ java, cacheDir });
  const { keystore, caFile } = await certificateIn(join(folders.kafka, 'tls'), java);
  const [secured, clear] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const listeners = `,SECURED://${secured},CLEAR://${clear}`;
  const broker = await startKafka({
    jars,
    java,
    dataDir: folders.kafka,
    pidsDir: folders.pids,
    logFile: join(folders.logs, 'kafka.log'),
    amend: (own) => ({
      ...own,
      listeners: own.listeners + listeners,
      'advertised.listeners': own['advertised.listeners'] + listeners,
      'listener.security.protocol.map':
        'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL,CLEAR:SASL_PLAINTEXT',
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': keystore,
      'ssl.keystore.password': storePassword,
      'sasl.enabled.mechanisms': ['PLAIN', ...scrams].join(','),
      ...loginsOf('secured'),
      ...loginsOf('clear'),
    }),
    formatArgs: scrams.flatMap((name) => ['--add-scram', `${name}=[name=${user},password=${password}]`]),
  });
  return { open: broker.brokers, secured, clear, caFile, close: broker.close };
}

/** Users of PLAIN stand in the settings, those of SCRAM in the cluster. */
function loginsOf(listener: string): BrokerSettings {
  const modules = 'org.apache.kafka.common.security';
  const key = (mechanism: string) => `listener.name.${listener}.${mechanism.toLowerCase()}.sasl.jaas.config`;
  return {
    [key('PLAIN')]: `${modules}.plain.PlainLoginModule required user_${user}="${password}";`,
    ...Object.fromEntries(scrams.map((name) => [key(name), `${modules}.scram.ScramLoginModule required;`])),
  };
}

/** One that signed itself, for 127.0.0.1 alone; `keytool` comes with every Java. */
async function certificateIn(folder: string, java: Java): Promise<{ keystore: string; caFile: string }> {
  await mkdir(folder, { recursive: true });
  const [keystore, caFile] = [join(folder, 'broker.p12'), join(folder, 'ca.pem')];
  const store = ['-alias', 'broker', '-keystore', keystore, '-storetype', 'PKCS12', '-storepass', storePassword];
  const keytool = (...args: readonly string[]) =>
    promisify(execFile)(java.path === 'java' ? 'keytool' : join(dirname(java.path), 'keytool'), [...args, ...store]);
  await keytool('-genkeypair', '-keyalg', 'EC', '-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1', '-validity', '2');
  const { stdout } = await keytool('-exportcert', '-rfc');
  await writeFile(caFile, stdout);
  return { keystore, caFile };
}
