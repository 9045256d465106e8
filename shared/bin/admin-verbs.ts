// The verbs that a project brings to `foldline admin`: its package.json names the modules, each of which exports `verbs`.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { type AddVerb, AdminFailure } from '../admin/index.ts';

const modulesMax = 100;
const project = z.object({
  foldline: z.strictObject({ adminVerbs: z.array(z.string().min(1)).max(modulesMax).default([]) }).optional(),
});

/**
 * @param folder the working folder; where it has no package.json, nobody brings verbs
 * @throws AdminFailure `config-invalid` naming the file, the field or the module, and what is wrong with it
 */
export async function adminVerbsOf(folder: string): Promise<readonly AddVerb[]> {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return [];
  const read = project.safeParse(await jsonOf(file));
  if (!read.success) throw fault(file, z.prettifyError(read.error));
  const modules = read.data.foldline?.adminVerbs ?? [];
  return (await Promise.all(modules.map((name) => verbsIn(file, name)))).flat();
}

async function jsonOf(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw fault(file, 'it is no JSON', cause);
  }
}

/** A module is found from the project, and not from where this package lies. */
async function verbsIn(file: string, name: string): Promise<readonly AddVerb[]> {
  const place = `foldline.adminVerbs names ${name}`;
  let found: string;
  try {
    found = createRequire(file).resolve(name);
  } catch (cause) {
    throw fault(file, `${place}, which is not installed here: install the module, or take out its name`, cause);
  }
  const { verbs } = (await import(pathToFileURL(found).href)) as { readonly verbs?: readonly AddVerb[] };
  if (!Array.isArray(verbs)) throw fault(file, `${place}, which exports no list \`verbs\``);
  return verbs;
}

const fault = (file: string, what: string, cause?: unknown) =>
  new AdminFailure('config-invalid', `${file} is not valid: ${what}.`, { cause });
