// What a rule found, and where: file, line and key, so that it can be repaired without looking for it.
import type { JsonPath } from '../../json/index.ts';
import { maskUris } from '../secrets.ts';
import { type RuleName, rules, type Severity } from './rules.ts';

/** What a rule says about a key of a connector, before the file and its lines are known. */
export interface Broken {
  readonly rule: RuleName;
  readonly path: JsonPath;
  readonly detail: string;
}

export interface Finding {
  readonly file: string;
  readonly line: number;
  /** Dotted path of the key; empty for the whole file. */
  readonly key: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly detail: string;
}

/** What a finding needs to know of a file. */
export interface Located {
  readonly file: string;
  readonly lineOf: (path: JsonPath) => number;
}

export function findingAt({ file, lineOf }: Located, { rule, path, detail }: Broken): Finding {
  // A value may stand where a key was expected, and a detail may repeat either.
  const key = maskUris(path.join('.'));
  return { file, line: lineOf(path), key, rule, severity: rules[rule].severity, detail: maskUris(detail) };
}

export function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

const placeOf = ({ file, key }: Finding) => JSON.stringify([file, key]);

/** One line as compilers write it, so that editors and people find the place. */
export function renderFinding({ file, line, key, rule, severity, detail }: Finding): string {
  return `${file}:${line}: ${severity}: ${key === '' ? '' : `${key}: `}${detail} [${rule}]`;
}

/** By file in the order given, inside a file by line. A key of which another rule speaks is not asked about as well. */
export function inOrder(all: readonly Finding[]): Finding[] {
  const told = new Set(all.filter(({ rule }) => rule !== 'setting-in-doubt').map(placeOf));
  const findings = all.filter((one) => one.rule !== 'setting-in-doubt' || !told.has(placeOf(one)));
  const files = [...new Set(findings.map(({ file }) => file))];
  return [...findings].sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line);
}
