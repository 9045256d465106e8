// `identities import`: the words of the command line. What it does is loaded when it is asked for, so that no other verb waits for it.
import type { AddVerb } from 'foldline/admin';
import { outputOption } from 'foldline/admin';

const help = `
Lines: Mixpanel's exports, one JSON object a line; files that end in .gz are unpacked. docs/import-identities.md tells all of it.
The same files are the same import: run it again after it was ended, and it goes on. Nothing is stored twice.

Environment: MONGODB_URI, DATA_DIR. Exit codes: 0 every line is accounted for, 1 it is not, or an error, 2 usage.
`;

export const addIdentitiesVerb: AddVerb = (root, run) => {
  root
    .command('identities')
    .description('imports the people and events of another tool, and merges people who occur twice')
    .copyInheritedSettings(root)
    .command('import')
    .copyInheritedSettings(root)
    .description('stores the people and events of an export, and merges people with one address')
    .requiredOption('--people <ndjson>', 'profiles, one a line')
    .requiredOption('--events <ndjson>', 'events, one a line')
    .option('--dry-run', 'show the result without writing anything')
    .option('--kind <kind>', 'the kind of the identities that its distinct ids are', 'mixpanel')
    .option('--dedupe-by-content', 'also compare events without an insert id, by name, time, person and properties')
    .option('-y, --yes', 'do not ask for confirmation')
    .addOption(outputOption())
    .addHelpText('after', help)
    .action((options) =>
      run(options, async (context) => {
        const { importExport } = await import('./import.ts');
        const { people, events, kind, dryRun = false, dedupeByContent = false, yes = false } = options;
        return importExport({ people, events, kind, dryRun, dedupeByContent, yes }, context);
      }),
    );
};
