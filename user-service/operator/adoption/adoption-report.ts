// What became of every document of an adoption, in figures, in lines of two files, and as it reads on a terminal.
import { type Context, numberText, tableText } from 'foldline/admin';
import { isDone, type Outcome, type Skip } from './adopt-batch.ts';
import type { FieldMap } from './field-map.ts';

export interface AdoptionReport {
  readonly from: string;
  readonly map: FieldMap;
  readonly dryRun: boolean;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** Documents that were read. */
  readonly documents: number;
  readonly adopted: number;
  readonly adoptedBefore: number;
  readonly emailTaken: number;
  readonly idTaken: number;
  readonly unfit: number;
  /** The first that were skipped; the file has all of them. */
  readonly skipped: readonly Skipped[];
}

/** `document`: its `_id`, as Extended JSON. */
type Skipped = { readonly document: string } & Skip;

type Figures = Record<Outcome['outcome'], number>;

/** Skipped documents that a report shows. */
const shownMax = 20;

export function createTally() {
  const figures: Figures = { adopted: 0, 'adopted-before': 0, 'email-taken': 0, 'id-taken': 0, unfit: 0 };
  const skipped: Skipped[] = [];
  return {
    /** @returns the line of the one file, or of the other */
    count(document: string, outcome: Outcome): { readonly adopted: string } | { readonly skipped: string } {
      figures[outcome.outcome] += 1;
      if (isDone(outcome)) return { adopted: JSON.stringify({ document, userId: outcome.userId }) };
      const line: Skipped = { document, ...outcome };
      if (skipped.length < shownMax) skipped.push(line);
      return { skipped: JSON.stringify(line) };
    },
    report(of: Pick<AdoptionReport, 'from' | 'map' | 'dryRun' | 'startedAt' | 'finishedAt'>): AdoptionReport {
      return {
        ...of,
        documents: Object.values(figures).reduce((sum, count) => sum + count, 0),
        adopted: figures.adopted,
        adoptedBefore: figures['adopted-before'],
        emailTaken: figures['email-taken'],
        idTaken: figures['id-taken'],
        unfit: figures.unfit,
        skipped,
      };
    },
  };
}

/** @param path of the folder that the files lie in; undefined after a dry run */
export function adoptionText(report: AdoptionReport, path: string | undefined, colors: Context['colors']): string[] {
  const left = report.emailTaken + report.idTaken + report.unfit;
  const more = left - report.skipped.length;
  return [
    ...tableText([
      [report.from, ''],
      ['documents read', report.documents],
      [report.dryRun ? 'would be adopted' : 'adopted', report.adopted],
      ['adopted by an earlier run', report.adoptedBefore],
      ['skipped: address taken', report.emailTaken],
      ['skipped: id taken', report.idTaken],
      ['skipped: unfit', report.unfit],
    ]),
    ...report.skipped.map((one) => colors.yellow(`skipped ${one.document}: ${whyOf(one)}`)),
    ...(more > 0 ? [`and ${numberText(more)} more`] : []),
    ...(path === undefined ? ['Nothing was stored.'] : [`report, adopted and skipped documents: ${path}`]),
  ];
}

function whyOf(skipped: Skipped): string {
  switch (skipped.outcome) {
    case 'email-taken':
      return `it would be user ${skipped.userId}, and its address is held by user ${skipped.holder}`;
    case 'id-taken':
      return `another event began user ${skipped.userId}`;
    case 'unfit':
      return `${skipped.field}: ${skipped.detail}`;
  }
}
