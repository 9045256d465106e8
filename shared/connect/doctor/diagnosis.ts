// The form of a diagnosis: sections in the order of the pipeline, each with what is wrong in it.
import type { Colors } from 'picocolors/types.js';
import type { Severity } from '../lint/rules.ts';
import { maskUris } from '../secrets.ts';
import { type Code, catalogue } from './catalogue.ts';

export interface Diagnosis {
  readonly code: Code;
  readonly severity: Severity;
  /** The thing that is not well, for example `topic thing-events`. */
  readonly about: string;
  /** What is wrong with it. */
  readonly detail: string;
  readonly todo: string;
}

type SectionName = 'mongodb' | 'broker' | 'topics' | 'worker' | 'plugin' | 'files' | 'connectors' | 'contents';

export interface Section {
  readonly name: SectionName;
  readonly state: 'ok' | Severity | 'not-checked';
  /** What was seen, in a few words. */
  readonly detail: string;
  readonly findings: readonly Diagnosis[];
}

/** @param todo where it can be said with names instead of in general */
export function diagnosed(code: Code, about: string, detail: string, todo: string = catalogue[code].todo): Diagnosis {
  const { severity } = catalogue[code];
  // What servers say of themselves may repeat an address with its password.
  return { code, severity, about: maskUris(about), detail: maskUris(detail), todo };
}

/** A section that was looked at; the worst of its findings is its state. */
export function section(name: SectionName, detail: string, findings: readonly Diagnosis[] = []): Section {
  const worst = findings.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
  return { name, state: findings.length === 0 ? 'ok' : worst, detail: maskUris(detail), findings };
}

export function notChecked(name: SectionName, why: string): Section {
  return { name, state: 'not-checked', detail: maskUris(why), findings: [] };
}

export interface Report {
  readonly healthy: boolean;
  readonly sections: readonly Omit<Section, 'findings'>[];
  readonly findings: readonly (Diagnosis & { readonly section: SectionName })[];
  readonly counts: { readonly errors: number; readonly warnings: number };
}

export function reportOf(sections: readonly Section[]): Report {
  const findings = sections.flatMap((one) => one.findings.map((finding) => ({ section: one.name, ...finding })));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return {
    healthy: errors === 0,
    sections: sections.map(({ name, state, detail }) => ({ name, state, detail })),
    findings,
    counts: { errors, warnings: findings.length - errors },
  };
}

const signs = { ok: '✔', warning: '!', error: '✖', 'not-checked': '-' } as const;

/** A line for each section, below it what is wrong and what to do. */
export function reportAsText({ sections, findings, counts }: Report, colors: Colors): string[] {
  const paint = { ok: colors.green, warning: colors.yellow, error: colors.red, 'not-checked': colors.dim };
  const width = Math.max(...sections.map(({ name }) => name.length));
  const lines = sections.flatMap(({ name, state, detail }) => [
    `${paint[state](signs[state])} ${name.padEnd(width)}  ${state === 'not-checked' ? `not checked: ${detail}` : detail}`,
    ...findings
      .filter((finding) => finding.section === name)
      .flatMap(({ code, severity, about, detail: what, todo }) => [
        `    ${paint[severity](`${severity}: ${about} ${what} [${code}]`)}`,
        `      to do: ${todo}`,
      ]),
  ]);
  return [...lines, `errors ${counts.errors}, warnings ${counts.warnings}`];
}
