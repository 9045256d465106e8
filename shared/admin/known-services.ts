// Which services a command is for, and where each listens. An address is looked for in this order: the command line, a setting of
// the environment, a file that is named, what `npm start` wrote, and what the folder's package.json says.
import { join } from 'node:path';
import { httpUrl, shownSetting } from '../config/index.ts';
import { type AdminConfig, type Environment, readAddresses, readToken, urlVariableOf } from './config.ts';
import { AdminFailure } from './failure.ts';
import { type GivenServices, readServicesFile, serviceName } from './services-file.ts';

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
  throw new AdminFailure(
    'file-unreadable',
    `${file} is not there: --services names a file that says where services listen.`,
  );
}

function unknown(name: string, names: readonly string[]): AdminFailure {
  const known = names.length > 0 ? ` Known are: ${names.join(', ')}.` : '';
  return new AdminFailure('usage', `There is no service ${name}.${known} Give its address: --service ${name}=<url>.`);
}
