// The shape of a verb, and the options that all of them have.
import { type Command, Option } from '@commander-js/extra-typings';
import type { Context, Format } from '../context.ts';
import { type ServiceName, serviceNames } from '../service-client.ts';

export interface SharedOptions {
  readonly service?: ServiceName | undefined;
  readonly output: Format;
}

export type Run = (options: SharedOptions, action: (context: Context) => Promise<number>) => Promise<void>;

/** Adds one verb, with its subverbs, to the command line. */
export type AddVerb = (root: Command, run: Run) => void;

export const serviceOption = () =>
  new Option('--service <name>', 'one service only (default: both)').choices(serviceNames);

export const outputOption = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const);
