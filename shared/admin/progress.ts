// Says how far a long piece of work is: a bar that is written over on a terminal, and a line now and then anywhere else.
// The rate and the time left count from the start of the piece, so that they settle instead of jumping.
import type { Surroundings } from './context.ts';
import { numberText } from './text.ts';

export interface Progress {
  /** @param share from 0 to 1 @param count what was dealt with so far, in the words of the piece */
  at(share: number, count: number): void;
  /** Takes the bar off the terminal and says what was done. */
  end(): void;
}

interface Piece {
  readonly title: string;
  /** What is counted, for example `lines`. */
  readonly unit: string;
}

interface ProgressLimits {
  /** How often a line is written where there is no terminal. */
  readonly lineEveryMs: number;
  readonly nowMs?: () => number;
}

/** A bar that moves more often is only work for the terminal. */
const barEveryMs = 100;
const barWidth = 24;

export function startProgress(
  { stderr, rewrite }: Pick<Surroundings, 'stderr' | 'rewrite'>,
  piece: Piece,
  { lineEveryMs, nowMs = Date.now }: ProgressLimits,
): Progress {
  const startMs = nowMs();
  const everyMs = rewrite ? barEveryMs : lineEveryMs;
  let saidMs = startMs;
  let counted = 0;
  return {
    at(reached, count) {
      // What is counted may grow while it is read.
      const share = Math.min(1, reached);
      counted = count;
      const at = nowMs();
      if (at - saidMs < everyMs) return;
      saidMs = at;
      const text = progressText(piece, { share, count, passedMs: at - startMs });
      if (rewrite) rewrite(`${barOf(share)} ${text}`);
      else stderr(text);
    },
    end() {
      rewrite?.('');
      stderr(`${piece.title}: ${numberText(counted)} ${piece.unit} in ${timeText(nowMs() - startMs)}`);
    },
  };
}

interface Reached {
  readonly share: number;
  readonly count: number;
  readonly passedMs: number;
}

/** For example `events: 37 %, 74,000 lines, 24,100/s, 5 s left`. */
function progressText({ title, unit }: Piece, { share, count, passedMs }: Reached): string {
  const rate = numberText(Math.round((count * 1000) / Math.max(1, passedMs)));
  const left = share > 0 ? `, ${timeText((passedMs / share) * (1 - share))} left` : '';
  return `${title}: ${Math.floor(share * 100)} %, ${numberText(count)} ${unit}, ${rate}/s${left}`;
}

function barOf(share: number): string {
  const full = Math.round(share * barWidth);
  return `[${'#'.repeat(full)}${'-'.repeat(barWidth - full)}]`;
}

function timeText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
