// How a preview and a report read on a terminal.
import { type Context, numberText, tableText } from 'foldline/admin';
import type { Figures } from './figures.ts';
import type { Preview } from './preview.ts';
import type { Report } from './report.ts';

export function previewText(preview: Preview): string[] {
  const refused = (['people', 'events'] as const).flatMap((file) =>
    Object.entries(preview.refusals[file]).map(([reason, count]) => [`refused in ${file}: ${reason}`, count] as const),
  );
  return tableText([
    [`import ${preview.id}`, ''],
    ['new people', preview.newPeople],
    ['  of them named by events only', preview.withoutProfile],
    ['people known already', preview.knownPeople],
    ['people stored by an earlier run', preview.storedBefore],
    ['people who share an address', preview.sharingAnAddress],
    ['merges to come', preview.mergesToCome],
    ['events, repeats included', preview.events],
    ...refused,
  ]);
}

/** @param path of the folder that the report lies in */
export function reportText(report: Report, path: string, colors: Context['colors']): string[] {
  const row = (name: string, { read, stored, repeats, refused, blank }: Figures) =>
    [name, read, stored, repeats, refused, blank] as const;
  const { expected, inStore, holds } = report.conservation;
  const proof = holds
    ? colors.green('conserved: each line is counted once, and the store holds what the figures say')
    : colors.red(
        `not conserved: ${expected.people} people and ${expected.events} events of this import should be in the store, ${inStore.people} and ${inStore.events} are`,
      );
  const notMerged = Object.entries(report.notMerged).map(([code, count]) => `, ${numberText(count)} not: ${code}`);
  return [
    ...tableText([
      [`import ${report.id}`, 'read', 'stored', 'repeats', 'refused', 'blank'],
      row('people', report.people),
      row('events', report.events),
    ]),
    `merges ${numberText(report.merges)}${notMerged.join('')}`,
    `people named by events only ${numberText(report.withoutProfile)}`,
    proof,
    `report, refused lines and backup: ${path}`,
  ];
}
