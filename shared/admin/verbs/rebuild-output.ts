// How generations, switchovers and comparisons of generations read on a terminal.
import type { Colors } from 'picocolors/types.js';
import type {
  comparisonBody,
  generationBody,
  modelBody,
  switchoverBody,
} from '../../operations/rebuild/model-answers.ts';
import type { BodyOf } from '../lenient.ts';
import { numberText, tableText } from '../text.ts';
import type { OfService } from './held-output.ts';
import { findingsText, kindsText, totalOf, versionsText } from './verify-output.ts';

type GenerationBody = BodyOf<typeof generationBody>;
export type RebuiltModelBody = BodyOf<typeof modelBody>;
export type SwitchoverBody = BodyOf<typeof switchoverBody>;
/** How long the feed was paused is not known of a step that an earlier command asked for. */
export type SwitchedBody = Omit<SwitchoverBody, 'stoodStillMs'> & { readonly stoodStillMs: number | null };
type ComparisonBody = BodyOf<typeof comparisonBody>;

/** @param without services that were reached and have no model */
export function generationsText(models: readonly OfService<RebuiltModelBody>[], without: readonly string[]): string[] {
  const rows = models.flatMap(({ service, model, generations, sources }) =>
    generations.map((one, i) => {
      const [own, from] = i === 0 ? [[model, service], sources.join(', ')] : [['', ''], ''];
      return [...own, one.name, stateText(one), from];
    }),
  );
  return [
    ...tableText([['model', 'service', 'collection', 'state', 'sources'], ...rows]),
    ...without.map((service) => `${service} has no model.`),
  ];
}

function stateText({ state, former, fill }: GenerationBody): string {
  if (state !== 'backfilling') return former ? `${state}, was live before` : state;
  if (!fill) return state;
  const { from, unit, done, of, trouble } = fill;
  const reached = of === null ? numberText(done) : `${numberText(done)} of ${numberText(of)}`;
  return `${state} from ${from}: ${reached} ${unit}${trouble === null ? '' : `; the last try ended: ${trouble}`}`;
}

export function switchoverText(
  done: string,
  { live, generations, stoodStillMs }: SwitchedBody,
  colors: Colors,
): string {
  const others = generations.filter(({ state }) => state !== 'live').map((one) => `${one.name} is ${stateText(one)}`);
  const stood = stoodStillMs === null ? [] : [`the feed was paused for ${numberText(Math.round(stoodStillMs))} ms`];
  return `${colors.green(done)}; ${[`${live} is live`, ...others, ...stood].join(', ')}`;
}

/** The differences as a table, and last one line that says all of it. */
export function comparisonText(comparison: ComparisonBody, service: string, colors: Colors): string[] {
  const { live, other, state, documents, moving, found, listed } = comparison;
  const rows = listed.map((one) => [one.kind, one.subject, versionsText(one.otherVersion, one.liveVersion)]);
  const total = totalOf(found);
  const verdict = total > 0 ? kindsText(found) : 'equal';
  const said = state === 'equal' ? colors.green : colors.red;
  const moved = moving > 0 ? `, ${numberText(moving)} were moving` : '';
  return [
    ...findingsText([['kind', 'subject', 'version'], ...rows], total),
    said(`${service}: ${other} against ${live}: ${verdict}`),
    `${numberText(documents)} documents compared${moved}`,
  ];
}
