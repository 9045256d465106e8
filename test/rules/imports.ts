// What a source file imports, and the circles that imports make.
import { posix } from 'node:path';
import { nameOf, type Source, type SyntaxNode } from './sources.ts';

export interface Import {
  readonly from: string;
  /** As written, for example `./fold.ts` or `mongodb`. */
  readonly specifier: string;
  /** For a relative import the path from the root, else undefined. */
  readonly file: string | undefined;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
}

export function importsOf({ path, nodes }: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: unknown, typeOnly: boolean) => {
    if (typeof specifier !== 'string') return;
    const file = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
    found.push({ from: path, specifier, file, typeOnly });
  };
  for (const node of nodes()) {
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) add(textOf(node.source), isTypeOnly(node));
    else if (node.type === 'TsImportType') add(textOf(node.argument), true);
    else if (node.type === 'CallExpression' && (node.callee as SyntaxNode).type === 'Import')
      add(textOf((node.arguments as { expression: unknown }[])[0]?.expression), false);
  }
  return found;
}

function textOf(node: unknown): unknown {
  const { type, value } = (node ?? {}) as { type?: unknown; value?: unknown };
  return type === 'StringLiteral' ? value : undefined;
}

function isTypeOnly({ typeOnly, specifiers = [] }: SyntaxNode): boolean {
  const named = specifiers as (SyntaxNode & { isTypeOnly?: boolean })[];
  return (
    typeOnly === true ||
    (named.length > 0 && named.every((one) => one.isTypeOnly === true && nameOf(one.local ?? one.orig)))
  );
}

/** Each circle of files that import each other, as the list of its files, the first one again at the end. */
export function circlesIn(imports: readonly Import[]): string[][] {
  const graph = new Map<string, string[]>();
  for (const { from, file } of imports) if (file) graph.set(from, [...(graph.get(from) ?? []), file]);
  const done = new Set<string>();
  const circles: string[][] = [];
  const walk = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) {
      circles.push([...way.slice(at), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return circles;
}
