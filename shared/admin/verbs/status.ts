// `status`: every projection of every service in one table.
import { statusOfProjections } from '../../operations/pause/projection-answers.ts';
import { askAll, exitCodes, json } from '../context.ts';
import { readList } from './read.ts';
import { statusText } from './status-output.ts';
import { type AddVerb, serviceVerb } from './verb.ts';

const help = `
gap: events that are stored and not folded; lag: how long the oldest of them that has come has waited; rate: events folded in a
second by the process that was asked. ? stands for what is not known. Exit codes: 0 every service answered,
also one that offers no projections; 1 one did not; 2 usage.
`;

export const addStatusVerb: AddVerb = (root, run) => {
  serviceVerb(
    root,
    'status',
    'shows every projection: its state, how far it is behind, how fast it is, what is held and proved',
  )
    .addHelpText('after', help)
    .action((options) =>
      run(options, async (context) => {
        const { answers, failures } = await askAll(context, (service) =>
          readList(statusOfProjections, '/admin/projections', service, 'projections'),
        );
        const projections = answers.flatMap(({ service, answer }) =>
          answer.projections.map((one) => ({ service: service.name, ...one })),
        );
        const without = answers
          .filter(({ answer }) => answer.projections.length === 0)
          .map(({ service }) => service.name);
        if (context.format === 'json') context.stdout(json({ projections }));
        else if (answers.length > 0) context.stdout(statusText(projections, without));
        return failures.length > 0 ? exitCodes.error : exitCodes.ok;
      }),
    );
};
