// The shape of a verb, and the options that all of them have.
import { type Command, Option } from '@commander-js/extra-typings';
import type { Context, Format } from '../context.ts';
import { type Choice, choiceOf } from '../known-services.ts';

export interface SharedOptions {
  readonly service?: readonly Choice[] | undefined;
  readonly services?: string | undefined;
  readonly output: Format;
}

export type Run = (options: SharedOptions, action: (context: Context) => Promise<number>) => Promise<void>;

/** Adds one verb, with its subverbs, to the command line. */
export type AddVerb = (root: Command, run: Run) => void;

/** Repeatable: only these services, each by a name that is known or with its address. */
const serviceOption = () =>
  new Option(
    '--service <name[=url]>',
    'ask only the service that listens at url; may be repeated (default: all services)',
  ).argParser((text: string, before: readonly Choice[] = []): readonly Choice[] => [...before, choiceOf(text)]);

const servicesOption = () => new Option('--services <file>', 'a JSON file that says where services listen');

export const outputOption = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const);

/** A verb that asks services, with the options that go with that. */
export function serviceVerb(parent: Command, name: string, description: string, isDefault = false) {
  return parent
    .command(name, { isDefault })
    .description(description)
    .copyInheritedSettings(parent)
    .addOption(serviceOption())
    .addOption(servicesOption())
    .addOption(outputOption());
}
