// Which services a command is for, and where each listens. An address is looked for in this order: the command line, a setting of
// the environment, a file that is named, what `npm start` wrote, and what the folder's package.json says. No token stands in a file.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { httpUrl, shownSetting } from '../config/index.ts';
import {
  type AdminConfig,
  type Environment,
  readAddresses,
  readToken,
  servicesFileBytesMax,
  servicesMax,
  urlVariableOf,
} from './config.ts';
import { AdminFailure } from './failure.ts';

const serviceName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'a name has lower-case letters, digits and hyphens, begins with a letter, and has 63 at most',
  );

const givenServices = z
  .record(
    serviceName,
    z.strictObject({
      url: httpUrl,
      tokenVariable: z
        .string()
        .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be the name of an environment variable, such as MAILING_TOKEN')
        .optional(),
    }),
  )
  .refine((services) => Object.keys(services).length <= servicesMax, `must name at most ${servicesMax} services`);

/** Where services listen, by name. */
export type GivenServices = z.output<typeof givenServices>;

const form =
  'It must be like { "mailing-service": { "url": "http://127.0.0.1:3003", "tokenVariable": "MAILING_TOKEN" } }';

const unreadable = (why: string, cause?: unknown) => new AdminFailure('file-unreadable', why, { cause });

/** Undefined when there is no such file. @throws AdminFailure `file-unreadable` naming file and fault */
function readServicesFile(file: string): GivenServices | undefined {
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > servicesFileBytesMax)
      throw unreadable(`${file} has ${size} bytes, more than ${servicesFileBytesMax}. ${form}.`);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof AdminFailure) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw unreadable(`${file} cannot be read (${code ?? message}).`, cause);
  }
  try {
    return checkServices(JSON.parse(text), file);
  } catch (cause) {
    throw cause instanceof SyntaxError ? unreadable(`${file} holds no JSON. ${form}.`, cause) : cause;
  }
}

/** @param where the services stand, for the message @throws AdminFailure `file-unreadable` naming every fault */
export function checkServices(found: unknown, where: string): GivenServices {
  const reading = givenServices.safeParse(found);
  if (reading.success) return reading.data;
  const faults = reading.error.issues.map((issue) => {
    const path = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
    const why = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return `  ${path}${why}`;
  });
  throw unreadable(`${where} does not say where services listen:\n${faults.join('\n')}\n${form}.`);
}

/** Where one service listens, and how an operator corrects that. */
export interface Address {
  readonly name: string;
  readonly url: string;
  /** Empty where the service has no tokens. */
  readonly token: string;
  readonly tokenVariable: string;
  /** Whether the start of a system wrote the address down. */
  readonly isStarted: boolean;
  /** As a sentence goes on: `set USER_SERVICE_URL`. */
  readonly correction: string;
}

/** One `--service`: a name that is known, or a name with its address. */
export interface Choice {
  readonly name: string;
  readonly url?: string | undefined;
}

export interface Wanted {
  /** Of `--service`; without any, all services that are known. */
  readonly chosen: readonly Choice[];
  /** Of `--services`. */
  readonly file: string | undefined;
  /** What the folder's package.json names. */
  readonly ofFolder: GivenServices;
}

/** Written by the start of a system, below DATA_DIR. */
export const startedFile = (dataDir: string) => join(dataDir, 'services', 'addresses.json');

/** Reads one `--service`. @throws AdminFailure `usage` when it holds no name, or its address is none */
export function choiceOf(text: string): Choice {
  const [name = '', ...rest] = text.split('=');
  const url = rest.length > 0 ? rest.join('=') : undefined;
  const { error: nameFault } = serviceName.safeParse(name);
  if (nameFault) throw badChoice(`${shownSetting(name)} is no name of a service: ${nameFault.issues[0]?.message}`);
  const { error: urlFault } = httpUrl.optional().safeParse(url);
  if (urlFault) throw badChoice(`${name}=${shownSetting(url ?? '')}: the address ${urlFault.issues[0]?.message}`);
  return { name, url };
}

const badChoice = (why: string) => new AdminFailure('usage', `--service ${why}.`);

/** @throws AdminFailure `usage` for a name that nobody knows or that is given twice, `file-unreadable`, `config-invalid` */
export function addressesOf(
  { chosen, file, ofFolder }: Wanted,
  config: AdminConfig,
  env: Environment,
): readonly Address[] {
  const isAllChosen = chosen.length > 0 && chosen.every(({ url }) => url !== undefined);
  const started = (!isAllChosen && file === undefined && readServicesFile(startedFile(config.DATA_DIR))) || {};
  const listed = isAllChosen && file === undefined ? {} : { ...namedIn(file, ofFolder), ...started };
  const names = [...new Set([...Object.keys(listed), ...chosen.map(({ name }) => name)])];
  const set = readAddresses(env, names);

  function addressOf({ name, url }: Choice): Address {
    const given = Object.hasOwn(listed, name) ? listed[name] : undefined;
    const variable = urlVariableOf(name);
    const found = url ?? set[variable] ?? given?.url;
    if (found === undefined) throw unknown(name, Object.keys(listed));
    const { tokenVariable = 'ADMIN_TOKEN' } = given ?? {};
    const token = given?.tokenVariable
      ? readToken(env, tokenVariable, `the token of an administrator at ${name}`)
      : config.ADMIN_TOKEN;
    const isOfFile = file !== undefined && given !== undefined && set[variable] === undefined;
    const known = isOfFile ? `correct its address in ${file}` : `set ${variable}`;
    return {
      name,
      url: found.replace(/(?<!\/)\/+$/, ''),
      token,
      tokenVariable,
      isStarted: (url ?? set[variable]) === undefined && Object.hasOwn(started, name),
      correction: url === undefined ? known : `correct --service ${name}=<url>`,
    };
  }

  const twice = chosen.find(({ name }, index) => chosen.findIndex((other) => other.name === name) < index);
  if (twice) throw new AdminFailure('usage', `${twice.name} is given twice: give --service once for each service.`);
  const wanted = chosen.length > 0 ? chosen : names.map((name) => ({ name }));
  if (wanted.length > 0) return wanted.map(addressOf);
  throw new AdminFailure(
    'usage',
    `No service is known: give --service <name>=<url>, or --services <file>, or name the services in foldline.services of package.json. ${startedFile(config.DATA_DIR)}, which the start of a system writes, is not there.`,
  );
}

function namedIn(file: string | undefined, ofFolder: GivenServices): GivenServices {
  if (file === undefined) return ofFolder;
  const found = readServicesFile(file);
  if (found) return found;
  throw unreadable(`${file} is not there: --services names a file that says where services listen.`);
}

function unknown(name: string, names: readonly string[]): AdminFailure {
  const known = names.length > 0 ? ` Known are: ${names.join(', ')}.` : '';
  return new AdminFailure('usage', `There is no service ${name}.${known} Give its address: --service ${name}=<url>.`);
}
