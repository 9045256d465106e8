// How proofs read on a terminal.
import type { Colors } from 'picocolors/types.js';
import type { verificationBody, verifiedModelBody } from '../../operations/verification/verification-answers.ts';
import type { BodyOf } from '../lenient.ts';
import { numberText, tableText } from '../text.ts';

export type VerificationBody = BodyOf<typeof verificationBody>;
export type FindingBody = VerificationBody['findings'][number];
export type ModelBody = BodyOf<typeof verifiedModelBody>;

/** @param without services that were reached and have no model */
export function modelsText(
  models: readonly (ModelBody & { readonly service: string })[],
  without: readonly string[],
): string[] {
  const rows = models.map(({ name, service, source, equalAt, last }) => {
    const known = equalAt === null ? 'not proved since its start' : `proved equal at ${equalAt}`;
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
  const rows = findings.map((one) => [one.kind, one.subject, versionsText(one), outcomeText(one)]);
  const total = Object.values(figures.found).reduce((sum, count) => sum + count, 0);
  const lines = rows.length > 0 ? tableText([['kind', 'subject', 'version', ''], ...rows]) : [];
  if (total > findings.length) lines.push(`${numberText(total - findings.length)} more are counted, and not listed`);
  if (figures.ofOtherFolds > 0)
    lines.push(`${numberText(figures.ofOtherFolds)} documents were written by another fold: rebuild ${model}`);
  const said = state === 'equal' || state === 'mended' ? colors.green : colors.red;
  return [
    ...lines,
    said(`${at.name}: ${model} against ${source}: ${verdict(verification, total)}`),
    effortText(verification),
  ];
}

function versionsText({ copyVersion, sourceVersion }: FindingBody): string {
  if (copyVersion === null) return `none of ${sourceVersion}`;
  return sourceVersion === null ? `${copyVersion} of none` : `${copyVersion} of ${sourceVersion}`;
}

function outcomeText({ held, repair }: FindingBody): string {
  if (repair?.outcome === 'mended') return repair.detail;
  if (repair) return `${repair.outcome === 'held' ? 'held' : 'not mended'}: ${repair.detail}`;
  return held === null ? '' : `held: ${held}`;
}

function verdict({ state, figures: { found, mended } }: VerificationBody, total: number): string {
  if (state === 'equal') return 'equal';
  const kinds = Object.entries(found).filter(([, count]) => count > 0);
  const counts = kinds.map(([kind, count]) => `${kind} ${numberText(count)}`).join(', ');
  if (state === 'mended') return `equal now, ${numberText(mended)} mended (${counts})`;
  const left = mended > 0 ? `, ${numberText(mended)} of ${numberText(total)} mended` : '';
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
