// How verifications read on a terminal.
import type { Colors } from 'picocolors/types.js';
import type { verificationBody, verifiedModelBody } from '../../operations/verification/verification-answers.ts';
import type { BodyOf } from '../lenient.ts';
import { numberText, tableText } from '../text.ts';

export type VerificationBody = BodyOf<typeof verificationBody>;
type FindingBody = VerificationBody['findings'][number];
export type ModelBody = BodyOf<typeof verifiedModelBody>;

/** @param without services that were reached and have no model */
export function modelsText(
  models: readonly (ModelBody & { readonly service: string })[],
  without: readonly string[],
): string[] {
  const rows = models.map(({ name, service, source, equalAt, last }) => {
    const known = equalAt === null ? 'not verified since its start' : `proved equal at ${equalAt}`;
    return [name, service, source, last?.state === 'different' ? `${known}, differs now` : known];
  });
  return [
    ...tableText([['model', 'service', 'source', 'known'], ...rows]),
    ...without.map((service) => `${service} has no model.`),
  ];
}

/** The findings as a table, and last one line that says all of it. */
export function verificationText(
  verification: VerificationBody,
  { source, at }: Pick<ModelBody, 'source'> & { readonly at: { readonly name: string } },
  colors: Colors,
): string[] {
  const { model, state, figures, findings } = verification;
  const rows = findings.map((one) => {
    const versions = versionsText(one.copyVersion, one.sourceVersion);
    return [one.kind, one.subject, versions, outcomeText(one)];
  });
  const total = totalOf(figures.found);
  const lines = findingsText([['kind', 'subject', 'version', ''], ...rows], total);
  if (figures.ofOtherFolds > 0)
    lines.push(`${numberText(figures.ofOtherFolds)} documents were written by another fold: rebuild ${model}`);
  const said = state === 'equal' || state === 'repaired' ? colors.green : colors.red;
  return [
    ...lines,
    said(`${at.name}: ${model} against ${source}: ${verdict(verification, total)}`),
    effortText(verification),
  ];
}

/** @param table with its head */
export function findingsText([head, ...rows]: readonly string[][], total: number): string[] {
  const lines = head && rows.length > 0 ? tableText([head, ...rows]) : [];
  if (total > rows.length) lines.push(`${numberText(total - rows.length)} more are counted, and not listed`);
  return lines;
}

export function versionsText(ofCopy: number | null, ofSource: number | null): string {
  return `${ofCopy ?? 'none'} of ${ofSource ?? 'none'}`;
}

export function totalOf(found: Readonly<Record<string, number>>): number {
  return Object.values(found).reduce((sum, count) => sum + count, 0);
}

/** How many of each kind. */
export function kindsText(found: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(found).filter(([, count]) => count > 0);
  return kinds.map(([kind, count]) => `${kind} ${numberText(count)}`).join(', ');
}

function outcomeText({ held, repair }: FindingBody): string {
  if (repair?.outcome === 'repaired') return repair.detail;
  if (repair) return `${repair.outcome === 'held' ? 'held' : 'not repaired'}: ${repair.detail}`;
  return held === null ? '' : `held: ${held}`;
}

function verdict({ state, figures: { found, repaired } }: VerificationBody, total: number): string {
  if (state === 'equal') return 'equal';
  const counts = kindsText(found);
  if (state === 'repaired') return `equal now, ${numberText(repaired)} repaired (${counts})`;
  const left = repaired > 0 ? `, ${numberText(repaired)} of ${numberText(total)} repaired` : '';
  return total > 0 ? `different (${counts})${left}` : 'not comparable as a whole';
}

function effortText({ figures }: VerificationBody): string {
  const { scannedDocuments, differingBuckets, buckets, comparedDocuments, moving } = figures;
  const moved = moving > 0 ? `, ${numberText(moving)} were moving` : '';
  return (
    `${numberText(scannedDocuments)} documents scanned on both sides, ${numberText(comparedDocuments)} compared one by one ` +
    `in ${numberText(differingBuckets)} of ${numberText(buckets)} buckets${moved}`
  );
}
