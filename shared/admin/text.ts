// How figures and tables read on a terminal, the same in every verb.

import { visible } from '../terminal/index.ts';

export const numberText = (count: number) => count.toLocaleString('en-US');

/** Cells in columns that are as wide as their widest; a column that has numbers, to the right. */
export function tableText(rows: readonly (readonly (string | number)[])[]): string[] {
  // Made visible before they are measured: what is escaped is longer than what was sent.
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? numberText(cell) : visible(cell))));
  const columns = (cells[0] ?? []).map((_, column) => ({
    width: Math.max(...cells.map((row) => row[column]?.length ?? 0)),
    numbers: rows.some((row) => typeof row[column] === 'number'),
  }));
  const padded = (cell: string, { width, numbers } = { width: 0, numbers: false }) =>
    numbers ? cell.padStart(width) : cell.padEnd(width);
  return cells.map((row) =>
    row
      .map((cell, i) => padded(cell, columns[i]))
      .join('  ')
      .trimEnd(),
  );
}

/** The same below a head; nothing where there are no rows. */
export const listText = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length > 0 ? tableText([head, ...rows]) : [];
