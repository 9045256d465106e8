// How held subjects read on a terminal.
import type { Colors } from 'picocolors/types.js';
import type { heldBody, retriedBody, shownBody } from '../../operations/held/held-answers.ts';
import { json } from '../context.ts';
import type { BodyOf } from '../lenient.ts';

export type HeldBody = BodyOf<typeof heldBody>;
type ShownBody = BodyOf<typeof shownBody>;
export type RetriedBody = BodyOf<typeof retriedBody>;

export type OfService<T> = T & { readonly service: string };

/** How many tries ended how, by the service's word; a newer service may have further words. */
export interface RetryCounts {
  readonly released: number;
  readonly held: number;
  readonly unanswered: number;
  readonly place: number;
  readonly [outcome: string]: number;
}

/** One block for each: service and key, then why; last how many there are in each service that was reached. */
export function heldAsText(
  held: readonly OfService<HeldBody>[],
  services: readonly string[],
  colors: Colors,
): string[] {
  const blocks = held.flatMap((one) => [`${one.service}  ${colors.yellow(one.key)}`, ...linesOf(one)]);
  const counts = services.map((name) => `${held.filter(({ service }) => service === name).length} in ${name}`);
  return [...blocks, `held ${held.length}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`];
}

function linesOf({ kind, reason, detail, appliedVersion, seenVersion, since, attempts }: HeldBody): string[] {
  const where = kind === 'place' ? '' : ` at version ${appliedVersion} of ${seenVersion} seen,`;
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  return [`    ${reason},${where} since ${since}, ${times}`, `    ${detail}`];
}

export function shownAsText({ service, held, document, next, detail }: OfService<ShownBody>, colors: Colors): string[] {
  const parts = [`${service}  ${colors.yellow(held.key)}`, ...linesOf(held)];
  if (held.kind === 'subject') parts.push('document now:', ...(document ? json(document) : ['none']));
  if (next) parts.push('document after a retry:', ...(next.document ? json(next.document) : ['none']));
  return [...parts, detail];
}

export function retriedAsText(retried: readonly OfService<RetriedBody>[], colors: Colors): string[] {
  return retried.map(({ service, key, outcome, detail, held }) => {
    if (outcome === 'released') return colors.green(`${service}: released ${key}`);
    const times = outcome === 'held' && held ? ` (attempt ${held.attempts})` : '';
    const word = outcome === 'held' ? 'held again' : outcome;
    return colors.red(`${service}: ${word} ${key}${times}: ${detail}`);
  });
}

export function countsAsText(service: string, counts: RetryCounts): string {
  const { released, held, unanswered, place, ...others } = counts;
  const known = `released ${released}, held again ${held}, unanswered ${unanswered}, places ${place}`;
  return `${service}: ${[known, ...Object.entries(others).map(([word, count]) => `${word} ${count}`)].join(', ')}`;
}
