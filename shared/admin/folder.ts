// What the folder adds in which the command line runs: its package.json may name modules that bring verbs, and services.
// A folder that names none has the command line's own verbs. A module is looked for from the folder, and only when it is named.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { type Brought, runCli, toldFailure } from './cli.ts';
import type { Surroundings } from './context.ts';
import { AdminFailure } from './failure.ts';
import { checkServices } from './services-file.ts';
import type { AddVerb } from './verbs/verb.ts';

const verbModulesMax = 20;

const ofAdmin = z.strictObject({
  /** Modules that export `verbs`. */
  verbs: z.array(z.string().min(1).max(200)).max(verbModulesMax).default([]),
  services: z.unknown().optional(),
});

/** Runs one command line with what this folder adds. @param args without node and script @returns the exit code */
export async function runCliIn(folder: string, args: readonly string[], around: Surroundings): Promise<number> {
  try {
    return await runCli(args, around, await broughtBy(folder));
  } catch (error) {
    return toldFailure(error, around);
  }
}

/** @throws AdminFailure `file-unreadable` naming the module or the field of package.json */
export async function broughtBy(folder: string): Promise<Brought> {
  const file = join(resolve(folder), 'package.json');
  const named = namedIn(file);
  if (named === undefined) return {};
  const reading = ofAdmin.safeParse(named);
  if (!reading.success) {
    const faults = reading.error.issues.map(
      ({ path, message }) => `  ${['foldline', 'admin', ...path].join('.')}: ${message}`,
    );
    throw new AdminFailure('file-unreadable', `${file} is not valid:\n${faults.join('\n')}`);
  }
  const { verbs, services } = reading.data;
  return {
    verbs: (await Promise.all(verbs.map((module) => verbsOf(module, file)))).flat(),
    services: services === undefined ? {} : checkServices(services, `foldline.admin.services of ${file}`),
  };
}

function namedIn(file: string): unknown {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as { foldline?: { admin?: unknown } } | null;
    return found?.foldline?.admin;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AdminFailure(
      'file-unreadable',
      `${file} cannot be read: correct it, or run the command in another folder.`,
      { cause },
    );
  }
}

async function verbsOf(module: string, file: string): Promise<readonly AddVerb[]> {
  try {
    const { verbs } = (await import(pathToFileURL(createRequire(file).resolve(module)).href)) as { verbs?: unknown };
    if (Array.isArray(verbs)) return verbs as readonly AddVerb[];
  } catch (cause) {
    throw new AdminFailure(
      'file-unreadable',
      `${file} names ${module} in foldline.admin.verbs, which cannot be loaded: install or build it, or take it out.`,
      { cause },
    );
  }
  throw new AdminFailure(
    'file-unreadable',
    `${file} names ${module} in foldline.admin.verbs, which exports no array verbs.`,
  );
}
