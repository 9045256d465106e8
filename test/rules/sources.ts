// Reads every source file of the repository once, as text and as a syntax tree, for the tests that hold rules of style.
// A tree is made at the first look only, and once for all rules.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

/** The root of the repository, seen from the sources. */
export const root = join(import.meta.dirname, '..', '..');

export interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Source {
  /** From the root, with forward slashes, for example `shared/engine/fold.ts`. */
  readonly path: string;
  readonly text: string;
  /** Every node of its syntax tree, outer ones first. */
  nodes(): readonly SyntaxNode[];
}

/** The connector files of this system. A team may put files of its own beside them. */
export const shippedConnectors = ['catalog-events', 'order-events', 'user-events', 'user-snapshots'].map(
  (name) => `connect/connectors/${name}.json`,
);

const workspaces = [
  'bench',
  'connect',
  'contracts',
  'examples',
  'shared',
  'shopping-service',
  'system',
  'test',
  'user-service',
];
const passedOver = new Set(['node_modules', 'dist', 'out']);

export function sourceOf(path: string, text: string): Source {
  let nodes: readonly SyntaxNode[] | undefined;
  return {
    path,
    text,
    nodes: () => {
      nodes ??= nodesIn(parseSync(text, { syntax: 'typescript', target: 'es2022' }));
      return nodes;
    },
  };
}

/** Every `.ts` file of the workspaces, sorted by path. */
export function allSources(): Source[] {
  return workspaces
    .flatMap((folder) => filesUnder(folder, '.ts'))
    .map((path) => sourceOf(path, readFileSync(join(root, path), 'utf8')));
}

/** Paths from the root of the files under `folder` whose names end in `ending`, sorted; none when there is no such folder. */
export function filesUnder(folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return passedOver.has(entry.name) ? [] : filesUnder(path, ending);
      return entry.name.endsWith(ending) ? [path] : [];
    });
}

/** The nodes inside a part of a tree, outer ones first. */
export function nodesIn(part: unknown, into: SyntaxNode[] = []): SyntaxNode[] {
  if (Array.isArray(part)) for (const one of part) nodesIn(one, into);
  else if (typeof part === 'object' && part !== null) {
    if ('type' in part) into.push(part as SyntaxNode);
    for (const field of Object.values(part)) if (typeof field === 'object') nodesIn(field, into);
  }
  return into;
}

/** The name of an identifier, or undefined for anything else. */
export function nameOf(node: unknown): string | undefined {
  const { type, value } = (node ?? {}) as { type?: unknown; value?: unknown };
  return type === 'Identifier' && typeof value === 'string' ? value : undefined;
}

/** Whether the file is a test, or serves tests only. */
export function servesTests(path: string): boolean {
  return /\.test\.ts$|^test\/|\/testing\/|\/contract\/|\/test-[a-z-]+\.ts$/.test(path);
}

/** What a process begins with: it may read the environment, print, and end the process. */
export function beginsProcess(path: string): boolean {
  return /\/(main|server|start|run|foreground|[a-z-]+-setup|write-[a-z-]+)\.ts$/.test(path);
}

/** Whether the module declares a fold or a decider: pure code, which takes time and ids from outside. */
export function isDomain({ path, text }: Source): boolean {
  return (
    /^((user|shopping)-service|examples\/[a-z-]+)\/src\//.test(path) &&
    /export const \w+(Projection|Decider)\b/.test(text)
  );
}
