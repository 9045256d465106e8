// Cuts a stream of bytes into lines. A line ends at `\n`, with or without `\r` before it; what follows the last one is a line if
// it is not empty. A line over the limit is told as such and never kept, so that no file can fill the memory.

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; undefined for a line over the limit. */
  readonly bytes: Buffer | undefined;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);

/** The lines of each piece together, because a wait for each line would cost more than reading it. */
export async function* linesOf(pieces: AsyncIterable<Buffer>, lineBytesMax: number): AsyncGenerator<Line[]> {
  let number = 0;
  let begun: Buffer = nothing;
  let tooLong = false;

  // A carriage return may still turn out to be part of the line's end, so one byte more is kept.
  const keep = (more: Buffer) => {
    tooLong ||= begun.length + more.length > lineBytesMax + 1;
    begun = tooLong ? nothing : begun.length > 0 ? Buffer.concat([begun, more]) : more;
  };
  const end = (rest: Buffer): Line => {
    keep(rest);
    const bytes = begun.at(-1) === carriageReturn ? begun.subarray(0, -1) : begun;
    const whole = !tooLong && bytes.length <= lineBytesMax;
    number += 1;
    begun = nothing;
    tooLong = false;
    return { number, bytes: whole ? bytes : undefined };
  };

  for await (const piece of pieces) {
    const lines: Line[] = [];
    let from = 0;
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, from)) {
      lines.push(end(piece.subarray(from, at)));
      from = at + 1;
    }
    if (from < piece.length) keep(piece.subarray(from));
    if (lines.length > 0) yield lines;
  }
  if (begun.length > 0 || tooLong) yield [end(nothing)];
}
