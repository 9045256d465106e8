// The shape of a verb, and the options that all of them have.
import { type Command, Option } from '@commander-js/extra-typings';
import { outputOption, type Run as RunVerb } from '../../terminal/command-line.ts';
import type { Context, Format } from '../context.ts';
import { type Choice, choiceOf } from '../known-services.ts';

export interface SharedOptions {
  readonly service?: readonly Choice[] | undefined;
  readonly services?: string | undefined;
  readonly output: Format;
}

export type Run = RunVerb<SharedOptions, Context>;

/** Adds one verb, with its subverbs, to the command line. */
export type AddVerb = (root: Command, run: Run) => void;

/** Repeatable: only these services, each by a name that is known or with its address. */
const serviceOption = () =>
  new Option(
    '--service <name[=url]>',
    'ask only the service of this name, at this address; may be repeated (default: all services)',
  ).argParser((text: string, before: readonly Choice[] = []): readonly Choice[] => [...before, choiceOf(text)]);

const servicesOption = () => new Option('--services <file>', 'a JSON file that says where services listen');

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
