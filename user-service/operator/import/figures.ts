// What became of the lines of one file. Each line is counted once: read = stored + repeats + refused + blank.

export interface Figures {
  readonly read: number;
  readonly stored: number;
  readonly repeats: number;
  readonly refused: number;
  readonly blank: number;
}

export type Counting = { -readonly [K in keyof Figures]: number };

export const countingFromZero = (): Counting => ({ read: 0, stored: 0, repeats: 0, refused: 0, blank: 0 });

/** Counts what was read, refused or blank; the rest of the lines is either stored or a repeat. */
export function linesWithValue<L extends object>(
  figures: Counting,
  lines: readonly L[],
): Extract<L, { readonly value: unknown }>[] {
  figures.read += lines.length;
  return lines.filter((line): line is Extract<L, { readonly value: unknown }> => {
    if ('refused' in line) figures.refused += 1;
    if ('blank' in line) figures.blank += 1;
    return 'value' in line;
  });
}

export function isConserved({ read, stored, repeats, refused, blank }: Figures): boolean {
  return read === stored + repeats + refused + blank;
}

/** How many there are of each word. */
export type Tally = Record<string, number>;

export function countOne(tally: Tally, word: string): void {
  tally[word] = (tally[word] ?? 0) + 1;
}
