// `rebuild`: a new generation of a model beside the live one, without a pause for its readers, and the steps that go with it.
import {
  changeGeneration,
  compareGenerations,
  discardGeneration,
  listGenerations,
  startRebuild,
} from './rebuild-actions.ts';
import { type AddVerb, serviceVerb } from './verb.ts';

const help = `
The order of a rebuild: start, compare, switch; then rollback where it is worse, or discard the former one.
Exit codes: 0 ok, 1 error or refused, 2 usage, 4 the generations differ.
`;

export const addRebuildVerb: AddVerb = (root, run) => {
  const rebuild = root
    .command('rebuild')
    .description('builds a new generation of a model beside the live one, and switches between the two')
    .copyInheritedSettings(root)
    .addHelpText('after', help);
  const verb = (name: string, description: string, isDefault = false) =>
    serviceVerb(rebuild, name, description, isDefault);
  const modelHelp = 'a read model that status lists, or <service>/<model>';
  const generationHelp = 'the name of the generation, as a check';

  verb(
    'start',
    'begin a rebuild, and show its progress until the new generation follows (the word start may be left out)',
    true,
  )
    .argument('<model>', modelHelp)
    .option('--from <source>', 'the source of the backfill, as status lists the sources (default: the first source)')
    .option('--no-wait', 'do not show progress')
    .action((model, options) => run(options, (context) => startRebuild(model, options, context)));

  verb('status', 'show the generations of each model, and the sources of a backfill')
    .argument('[model]', modelHelp)
    .action((model, options) => run(options, (context) => listGenerations(model, context)));

  verb('switch', 'make the generation that follows the live one')
    .argument('<model>', modelHelp)
    .argument('[generation]', generationHelp)
    .action((model, named, options) => run(options, (context) => changeGeneration('switch', model, named, context)));

  verb('rollback', 'make the former generation live again')
    .argument('<model>', modelHelp)
    .argument('[generation]', generationHelp)
    .action((model, named, options) => run(options, (context) => changeGeneration('rollback', model, named, context)));

  verb('discard', 'end the generation that is not live, and drop its collection')
    .argument('<model>', modelHelp)
    .argument('[generation]', generationHelp)
    .option('-y, --yes', 'do not ask for confirmation')
    .action((model, named, options) => run(options, (context) => discardGeneration(model, named, options, context)));

  verb('compare', 'compare the other generation with the live one, and name each difference')
    .argument('<model>', modelHelp)
    .action((model, options) => run(options, (context) => compareGenerations(model, context)));
};
