// What the folder adds in which the command line runs: its package.json may name modules that bring verbs, and services.
// A folder that names none has the command line's own verbs. A module is looked for from the folder, and only when it is named.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { exitCodeOf } from '../terminal/index.ts';
import { type Brought, runCli } from './cli.ts';
import type { Surroundings } from './context.ts';
import { AdminFailure } from './failure.ts';
import { checkServices } from './known-services.ts';
import type { AddVerb } from './verbs/verb.ts';

const modulesMax = 100;
const project = z.looseObject({
  foldline: z
    .strictObject({
      /** Modules that export `verbs`. */
      adminVerbs: z.array(z.string().min(1)).max(modulesMax).default([]),
      /** As in the file of `--services`. */
      services: z.unknown().optional(),
    })
    .optional(),
});

/** Runs one command line with what this folder adds. @param args without node and script @returns the exit code */
export async function runCliIn(folder: string, args: readonly string[], around: Surroundings): Promise<number> {
  try {
    return await runCli(args, around, await broughtBy(folder));
  } catch (error) {
    return exitCodeOf(error, args, around);
  }
}

/** @throws AdminFailure `config-invalid` or `file-unreadable` naming package.json, and the field or the module that is wrong */
async function broughtBy(folder: string): Promise<Brought> {
  const file = join(resolve(folder), 'package.json');
  const text = textOf(file);
  if (text === undefined) return {};
  const read = project.safeParse(jsonOf(file, text));
  if (!read.success) throw fault(file, z.prettifyError(read.error));
  const { adminVerbs = [], services = {} } = read.data.foldline ?? {};
  return {
    verbs: (await Promise.all(adminVerbs.map((name) => verbsIn(file, name)))).flat(),
    services: checkServices(services, `foldline.services in ${file}`),
  };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw fault(file, `it cannot be read (${code})`, cause);
  }
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fault(file, 'it is no JSON', cause);
  }
}

async function verbsIn(file: string, name: string): Promise<readonly AddVerb[]> {
  const place = `foldline.adminVerbs names ${name}`;
  let found: string;
  try {
    found = createRequire(file).resolve(name);
  } catch (cause) {
    throw fault(file, `${place}, which is not installed here: install the module, or take out its name`, cause);
  }
  const { verbs } = (await import(pathToFileURL(found).href)) as { readonly verbs?: unknown };
  if (!Array.isArray(verbs)) throw fault(file, `${place}, which exports no list \`verbs\``);
  return verbs;
}

const fault = (file: string, what: string, cause?: unknown) =>
  new AdminFailure('config-invalid', `${file} is not valid: ${what}.`, { cause });
