// `adopt`: the words of the command line. What it does is loaded when it is asked for, so that no other verb waits for it.
import type { AddVerb } from 'foldline/admin';
import { outputOption } from 'foldline/admin';

const help = `
The map says where the documents have what a user is made of; paths have dots, and a number is a place in a list:
  --map '{"firstName":"profile.first","lastName":"profile.last","email":"emails.0.address","createdAt":"created"}'
Keys: id (default _id), name or firstName and lastName, email, createdAt. A file that holds the JSON does as well.
Run it again after it was ended, and it goes on. docs/adopt-users.md tells all of it.

Environment: MONGODB_URI, USERS_DATABASE, DATA_DIR. Exit codes: 0 every document was looked at, 1 an error, 2 usage.
`;

export const addAdoptVerb: AddVerb = (root, run) => {
  root
    .command('adopt')
    .description("makes users from the documents of a team's own collection, which stays unchanged")
    .copyInheritedSettings(root)
    .requiredOption('--from <db.collection>', 'the collection, on the server at MONGODB_URI')
    .requiredOption('--map <json>', 'the fields of the documents that make a user')
    .option('--dry-run', 'show the result without writing anything')
    .option('-y, --yes', 'do not ask for confirmation')
    .addOption(outputOption())
    .addHelpText('after', help)
    .action((options) =>
      run(options, async (context) => {
        const { adopt } = await import('./adopt.ts');
        const { from, map, dryRun = false, yes = false } = options;
        return adopt({ from, map, dryRun, yes }, context);
      }),
    );
};
