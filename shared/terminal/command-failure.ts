// How a command of any command line ends: its exit code, and the one sentence that says why it failed.
import type { Colors } from 'picocolors/types.js';
import { block, type Lines } from './open-output.ts';

/** As people who know Terraform or kcctl expect them. 4: everything was done, and something is not well. */
export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  /** A plan has changes. */
  pending: 3,
  notHealthy: 4,
  stillHeld: 4,
  different: 4,
  /** Ended by Ctrl-C or SIGTERM before the work was done, as shells report SIGINT. */
  stopped: 130,
} as const;

/**
 * Anything expected that keeps a command from going on. The message is one sentence that names the thing, the value and the way out:
 * it is printed as it stands. Each command line declares its codes.
 */
export class CommandFailure<Code extends string = string> extends Error {
  override readonly name: string = 'CommandFailure';

  constructor(
    readonly code: Code,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

interface Told {
  readonly stderr: (lines: Lines) => void;
  readonly colors: Colors;
}

/** Tells in red what is wrong. */
export function tellFault(message: string, { stderr, colors }: Told): void {
  stderr(block(message).map(colors.red));
}

/** What every command line ends with; the other failures end with 1. */
const commonCodes: Readonly<Record<string, number>> = { usage: exitCodes.usage, stopped: exitCodes.stopped };

/**
 * Tells a failure. Help that was asked for is no fault; help because nothing was asked for is one of usage.
 * @param codes of failures of this command line that do not end with 1
 * @returns the exit code of a command that ended so
 * @throws what is neither a CommandFailure nor of `commander`
 */
export function exitCodeOf(
  error: unknown,
  args: readonly string[],
  around: Told,
  codes: Readonly<Record<string, number>> = {},
): number {
  const printed = exitCodeOfCommander(error);
  if (printed !== undefined) return printed === 0 && args.length > 0 ? exitCodes.ok : exitCodes.usage;
  if (!(error instanceof CommandFailure)) throw error;
  tellFault(error.message, around);
  return { ...commonCodes, ...codes }[error.code] ?? exitCodes.error;
}

/** The library throws after it has printed help or a fault. */
function exitCodeOfCommander(error: unknown): number | undefined {
  const { code, exitCode } = Object(error) as { code?: unknown; exitCode?: unknown };
  return String(code).startsWith('commander.') && typeof exitCode === 'number' ? exitCode : undefined;
}
