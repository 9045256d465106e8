// `held`: shows held subjects with their reasons, and retries them after the cause was removed.
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { dismissHeld, listHeld, retryAllHeld, retryHeld, showHeld } from './held-actions.ts';
import { type AddVerb, serviceVerb } from './verb.ts';

const shownMax = 10_000;

function count(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= shownMax) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${shownMax}.`);
}

export const addHeldVerb: AddVerb = (root, run) => {
  const held = root
    .command('held')
    .description('subjects and offsets that cannot be processed further')
    .copyInheritedSettings(root);
  const verb = (name: string, description: string) => serviceVerb(held, name, description);
  const keyHelp = 'a subject, or <topic>/<partition>@<offset>, as list shows it';

  verb('list', 'show what is held, and why')
    .option('--limit <n>', 'the largest number of entries to show for each service', count, 200)
    .action((options) => run(options, (context) => listHeld(options.limit, context)));

  verb('show', 'show a held subject with its document, and the result that a retry would have; change nothing')
    .argument('<key>', keyHelp)
    .action((key, options) => run(options, (context) => showHeld(key, context)));

  verb('retry', 'read the missing events from their owner, and release the subject if that is possible now')
    .argument('<key>', keyHelp)
    .action((key, options) => run(options, (context) => retryHeld(key, context)));

  verb('retry-all', 'retry everything that is held').action((options) => run(options, retryAllHeld));

  verb('dismiss', 'forget an offset of a topic, or a hole or an unreadable event that the owner does not have')
    .argument('<key>', keyHelp)
    .option('-y, --yes', 'do not ask for confirmation')
    .action((key, options) => run(options, (context) => dismissHeld(key, options, context)));
};
