// `pause` and `resume`: pauses a projection in every process and across restarts, and resumes it where it stopped.
import { pulledBody, statusOfProjections } from '../../operations/pause/projection-answers.ts';
import { type BodyOf, read, readList } from '../answers.ts';
import { type Context, exitCodes, print } from '../context.ts';
import { collected, oneNamed } from './named.ts';
import { type AddVerb, serviceVerb } from './verb.ts';

const help = `
No event is lost: events that come meanwhile wait where they are stored. Reads go on with the documents that are there.
Exit codes: 0 the projection is paused, or goes on, also when that was so before; 1 error; 2 usage; 130 stopped by Ctrl-C.
`;
const projectionHelp = 'a projection that `status` lists, or <service>/<projection>';

export const addPauseVerbs: AddVerb = (root, run) => {
  const verb = (name: string, description: string) => serviceVerb(root, name, description).addHelpText('after', help);

  verb('pause', 'pauses a projection until it is resumed')
    .argument('<projection>', projectionHelp)
    .option('--reason <text>', 'the reason, which status shows')
    .action((name, options) => run(options, (context) => pull('pause', name, options.reason, context)));

  verb('resume', 'resumes a paused projection')
    .argument('<projection>', projectionHelp)
    .action((name, options) => run(options, (context) => pull('resume', name, undefined, context)));
};

async function pull(pauseGate: 'pause' | 'resume', name: string, reason: string | undefined, context: Context) {
  const known = await collected(context, async (at) => {
    const { projections } = await readList(statusOfProjections, '/admin/projections', at, 'projections');
    return projections;
  });
  const projection = oneNamed('projection', name, known, context);
  if (!projection) return exitCodes.error;
  const { at } = projection;
  const sent = reason === undefined ? undefined : { reason };
  const answer = await at.ask('POST', `/admin/projections/${encodeURIComponent(projection.name)}/${pauseGate}`, sent);
  const pulled = read(pulledBody, answer, at, 'projections');
  print(context, { service: at.name, ...pulled }, `${at.name}: ${pulledText(pauseGate, name, pulled)}`);
  return exitCodes.ok;
}

/** @param typed as it was named, so that it can be typed again */
function pulledText(
  pauseGate: 'pause' | 'resume',
  typed: string,
  { name, isChanged, pause }: BodyOf<typeof pulledBody>,
): string {
  if (pauseGate === 'resume') return isChanged ? `${name} goes on.` : `${name} is not paused.`;
  if (isChanged || pause === null) return `${name} is paused. It goes on with: npm run admin -- resume ${typed}`;
  const why = pause.reason === '' ? '' : `: ${pause.reason}`;
  return `${name} was paused already, since ${pause.since} by ${pause.by}${why}`;
}
