// How models read on a terminal: their verifications, generations, switchovers and comparisons of generations.
import type { Colors } from 'picocolors/types.js';
import type {
  comparisonBody,
  generationBody,
  modelBody,
  switchoverBody,
} from '../../operations/rebuild/model-answers.ts';
import type { verificationBody, verifiedModelBody } from '../../operations/verification/verification-answers.ts';
import type { BodyOf } from '../answers.ts';
import type { OfService } from '../context.ts';
import { listText, numberText } from '../text.ts';

export type VerificationBody = BodyOf<typeof verificationBody>;
type FindingBody = VerificationBody['findings'][number];
export type ModelBody = BodyOf<typeof verifiedModelBody>;

/** @param without services that were reached and have no model */
export function modelsText(
  models: readonly (ModelBody & { readonly service: string })[],
  without: readonly string[],
): string[] {
  const rows = models.map(({ name, service, source, equalAt, doubt, last }) => {
    const known = equalAt === null ? 'not verified yet' : `verified equal at ${equalAt}`;
    const differs = last?.state === 'different' ? `${known}, differs now` : known;
    return [name, service, source, doubt ? `${differs}; in doubt: ${doubt.reason}` : differs];
  });
  return [
    ...listText(['model', 'service', 'source', 'known'], rows),
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
  const lines = findingsText(['kind', 'subject', 'version', ''], rows, total);
  if (figures.ofOtherFolds > 0)
    lines.push(`${numberText(figures.ofOtherFolds)} documents were written by another fold: rebuild ${model}`);
  const said = state === 'equal' || state === 'repaired' ? colors.green : colors.red;
  return [
    ...lines,
    said(`${at.name}: ${model} against ${source}: ${verdict(verification, total)}`),
    effortText(verification),
  ];
}

function findingsText(head: readonly string[], rows: readonly string[][], total: number): string[] {
  const more = total - rows.length;
  return [...listText(head, rows), ...(more > 0 ? [`${numberText(more)} more are counted, and not listed`] : [])];
}

function versionsText(ofCopy: number | null, ofSource: number | null): string {
  return `${ofCopy ?? 'none'} of ${ofSource ?? 'none'}`;
}

function totalOf(found: Readonly<Record<string, number>>): number {
  return Object.values(found).reduce((sum, count) => sum + count, 0);
}

/** How many of each kind. */
function kindsText(found: Readonly<Record<string, number>>): string {
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

type GenerationBody = BodyOf<typeof generationBody>;
export type RebuiltModelBody = BodyOf<typeof modelBody>;
export type SwitchoverBody = BodyOf<typeof switchoverBody>;
/** How long the feed was paused is not known of a step that an earlier command asked for. */
export type SwitchedBody = Omit<SwitchoverBody, 'stoodStillMs'> & { readonly stoodStillMs: number | null };
type ComparisonBody = BodyOf<typeof comparisonBody>;

/** @param without services that were reached and have no model */
export function generationsText(models: readonly OfService<RebuiltModelBody>[], without: readonly string[]): string[] {
  const rows = models.flatMap(({ service, model, generations, sources }) =>
    generations.map((one, i) => {
      const [own, from] = i === 0 ? [[model, service], sources.join(', ')] : [['', ''], ''];
      return [...own, one.name, stateText(one), from];
    }),
  );
  return [
    ...listText(['model', 'service', 'collection', 'state', 'sources'], rows),
    ...without.map((service) => `${service} has no model.`),
  ];
}

function stateText({ state, former, fill }: GenerationBody): string {
  if (state !== 'backfilling') return former ? `${state}, was live before` : state;
  if (!fill) return state;
  const { from, unit, done, of, trouble } = fill;
  const reached = of === null ? numberText(done) : `${numberText(done)} of ${numberText(of)}`;
  return `${state} from ${from}: ${reached} ${unit}${trouble === null ? '' : `; the last try ended: ${trouble}`}`;
}

export function switchoverText(
  done: string,
  { live, generations, stoodStillMs }: SwitchedBody,
  colors: Colors,
): string {
  const others = generations.filter(({ state }) => state !== 'live').map((one) => `${one.name} is ${stateText(one)}`);
  const stood = stoodStillMs === null ? [] : [`the feed was paused for ${numberText(Math.round(stoodStillMs))} ms`];
  return `${colors.green(done)}; ${[`${live} is live`, ...others, ...stood].join(', ')}`;
}

/** The differences as a table, and last one line that says all of it. */
export function comparisonText(comparison: ComparisonBody, service: string, colors: Colors): string[] {
  const { live, other, state, documents, moving, found, listed } = comparison;
  const rows = listed.map((one) => [one.kind, one.subject, versionsText(one.otherVersion, one.liveVersion)]);
  const total = totalOf(found);
  const verdict = total > 0 ? kindsText(found) : 'equal';
  const said = state === 'equal' ? colors.green : colors.red;
  const moved = moving > 0 ? `, ${numberText(moving)} were moving` : '';
  return [
    ...findingsText(['kind', 'subject', 'version'], rows, total),
    said(`${service}: ${other} against ${live}: ${verdict}`),
    `${numberText(documents)} documents compared${moved}`,
  ];
}
