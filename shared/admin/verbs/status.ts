// `status`: the state of each projection of each service, as a table or as data.
import { statusOfProjections } from '../../operations/pause/projection-answers.ts';
import { type BodyOf, readList } from '../answers.ts';
import { askAll, codeOf, type OfService, ofService, print, withoutAny } from '../context.ts';
import { listText, numberText } from '../text.ts';
import { type AddVerb, serviceVerb } from './verb.ts';

type ProjectionBody = BodyOf<typeof statusOfProjections>['projections'][number];

const titles = [
  'service',
  'projection',
  'state',
  'gap',
  'lag',
  'rate',
  'held',
  'model',
  'collection',
  'last verification',
];
const ownColumns = 7;

/**
 * What is not as it should be has a line of its own below the table.
 * @param without services that were reached and have no projection
 */
export function statusText(projections: readonly OfService<ProjectionBody>[], without: readonly string[]): string[] {
  const details = projections.filter(({ detail }) => detail !== '');
  return [
    ...listText(titles, projections.flatMap(rowsOf)),
    ...details.map(({ name, state, detail }) => `${name} is ${state}: ${detail}`),
    ...projections.flatMap(({ models }) =>
      models.flatMap(({ name, doubt }) => (doubt ? [`${name} is in doubt: ${doubt}`] : [])),
    ),
    ...without.map((service) => `${service} has no projection.`),
  ];
}

function rowsOf({ service, name, state, gap, lagMs, eventsPerSecond, held, models }: OfService<ProjectionBody>) {
  const rate = `${numberText(Math.round(eventsPerSecond))}/s`;
  const own = [service, name, state, gapText(gap), lagText(lagMs), rate, held === null ? '?' : numberText(held)];
  const [first = [], ...others] = models.map((model) => [model.name, model.collection, verificationText(model)]);
  const below = others.map((cells) => [...Array<string>(ownColumns).fill(''), ...cells]);
  return [[...own, ...first], ...below];
}

/** For example `12`, `>= 10,000`, or `?` where it could not be counted. */
function gapText(gap: ProjectionBody['gap']): string {
  if (gap === null) return '?';
  return gap.isLeast ? `>= ${numberText(gap.events)}` : numberText(gap.events);
}

function lagText(lagMs: number | null): string {
  return lagMs === null ? '?' : `${(lagMs / 1000).toFixed(1)} s`;
}

function verificationText({ equalAt, doubt, lastVerification }: ProjectionBody['models'][number]): string {
  const equal = equalAt === null ? 'not yet' : `equal at ${equalAt}`;
  const known = doubt && equalAt !== null ? `${equal}; in doubt` : equal;
  return lastVerification === 'different' || lastVerification === 'failed'
    ? `${known}; the last one: ${lastVerification}`
    : known;
}

const help = `
gap: the events that are stored and not folded. lag: how long the oldest of them that has come has waited. rate: the
events that the process that was asked folds in a second. A question mark stands for a figure that is not known.
Exit codes: 0 every service answered, also a service that offers no projections; 1 a service did not answer; 2 usage;
130 stopped by Ctrl-C.
`;

export const addStatusVerb: AddVerb = (root, run) => {
  serviceVerb(
    root,
    'status',
    'shows the state, gap, lag, rate, held subjects and last verification of every projection',
  )
    .addHelpText('after', help)
    .action((options) =>
      run(options, async (context) => {
        const reached = await askAll(context, (service) =>
          readList(statusOfProjections, '/admin/projections', service, 'projections'),
        );
        const projections = reached.answers.flatMap(({ service, answer }) =>
          answer.projections.map((one) => ofService(service, one)),
        );
        const without = withoutAny(reached, (answer) => answer.projections);
        print(context, { projections }, statusText(projections, without));
        return codeOf(reached);
      }),
    );
};
