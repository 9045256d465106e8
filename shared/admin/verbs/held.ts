// `held`: shows held subjects with their reasons, and retries them after the cause was removed.
import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { Colors } from 'picocolors/types.js';
import { type heldBody, heldPage, retriedBody, retriedPage, shownBody } from '../../operations/held/held-answers.ts';
import { acting } from '../../terminal/command-line.ts';
import { agreed } from '../../terminal/index.ts';
import { type BodyOf, read, readList } from '../answers.ts';
import { askAll, type Context, codeOf, exitCodes, json, type OfService, ofService, print } from '../context.ts';
import { AdminFailure } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';
import { type AddVerb, serviceVerb } from './verb.ts';
import { stoppable } from './watching.ts';

const perPageMax = 200;

async function listHeld(limit: number, context: Context): Promise<number> {
  const reached = await askAll(context, (service) => heldIn(service, limit));
  const { answers } = reached;
  const held = answers.flatMap(({ service, answer }) => answer.items.map((one) => ofService(service, one)));
  const services = answers.map(({ service }) => service.name);
  print(context, { held }, heldAsText(held, services, context.colors));
  for (const { service, answer } of answers)
    if (answer.more) context.stderr(`${service.name} holds more than the ${limit} shown; --limit shows more.`);
  return codeOf(reached);
}

async function heldIn(service: ServiceClient, limit: number): Promise<{ items: HeldBody[]; more: boolean }> {
  const items: HeldBody[] = [];
  for (let query = ''; ; ) {
    const size = Math.min(perPageMax, limit - items.length);
    const page = await readList(heldPage, `/admin/held?limit=${size}${query}`, service, 'held subjects');
    items.push(...page.items);
    if (page.nextCursor === null || items.length >= limit) return { items, more: page.nextCursor !== null };
    query = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

/** What of every service that holds the key came of `act`. @throws AdminFailure `not-found` when all were asked and none does */
async function inHolders<T extends object>(
  key: string,
  context: Context,
  act: (service: ServiceClient, path: string) => Promise<T | undefined>,
) {
  const path = `/admin/held/${encodeURIComponent(key)}`;
  const reached = await askAll(context, (service) => act(service, path));
  const found = reached.answers.flatMap(({ service, answer }) => (answer ? [ofService(service, answer)] : []));
  if (found.length === 0 && reached.failures.length === 0) {
    const asked = context.services().map(({ name, url }) => `${name} (${url})`);
    throw new AdminFailure('not-found', `${key} is not held. Asked: ${asked.join(', ')}. \`held list\` shows what is.`);
  }
  return { found, code: codeOf(reached) };
}

async function showHeld(key: string, context: Context): Promise<number> {
  const { found, code } = await inHolders(key, context, async (service, path) => {
    const body = await service.ask('GET', path);
    return body === undefined ? undefined : read(shownBody, body, service, 'held subjects');
  });
  const text = found.flatMap((one, i) => [...(i > 0 ? [''] : []), ...shownAsText(one, context.colors)]);
  print(context, { shown: found }, text);
  return code;
}

async function retryHeld(key: string, context: Context): Promise<number> {
  const { found, code } = await inHolders(key, context, async (service, path) => {
    const body = await service.ask('POST', `${path}/retry`);
    return body === undefined ? undefined : read(retriedBody, body, service, 'held subjects');
  });
  print(context, { retried: found }, retriedAsText(found, context.colors));
  return code || (found.every(({ outcome }) => outcome === 'released') ? exitCodes.ok : exitCodes.stillHeld);
}

async function retryAllHeld(context: Context): Promise<number> {
  const reached = await askAll(context, (service) => retryAllIn(service, context));
  const { answers } = reached;
  const left = answers.flatMap(({ service, answer }) => answer.left.map((one) => ofService(service, one)));
  const counts = answers.map(({ service, answer }) => ofService(service, answer.counts));
  print(context, { notReleased: left, counts }, [
    ...retriedAsText(left, context.colors),
    ...answers.map(({ service, answer }) => countsAsText(service.name, answer.counts)),
  ]);
  if (left.some(({ outcome }) => outcome === 'unanswered')) return exitCodes.error;
  return codeOf(reached) || (left.length > 0 ? exitCodes.stillHeld : exitCodes.ok);
}

/** Pages through everything, telling how far it is after each page. Only what was not released is kept. */
async function retryAllIn(service: ServiceClient, { config, stderr }: Context) {
  let counts: RetryCounts = { released: 0, held: 0, unanswered: 0, place: 0 };
  const left: RetriedBody[] = [];
  const untilLastPage = async () => {
    for (let query = ''; ; ) {
      const path = `/admin/held/retry?limit=${config.ADMIN_RETRIES_PER_PAGE}${query}`;
      const page = await readList(retriedPage, path, service, 'held subjects', 'POST');
      for (const one of page.items) {
        counts = { ...counts, [one.outcome]: (counts[one.outcome] ?? 0) + 1 };
        if (one.outcome !== 'released') left.push(one);
      }
      stderr(`${countsAsText(service.name, counts)}; ${page.left} to go`);
      if (page.nextCursor === null) return { counts, left };
      query = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  };
  const soFar = () =>
    `${countsAsText(service.name, counts)} so far, and perhaps one page more. What was released stays released; the same command goes on with the rest.`;
  return stoppable(untilLastPage, soFar);
}

async function dismissHeld(key: string, context: Context, { yes }: { readonly yes?: boolean | undefined }) {
  const question = `Dismiss ${key}? The record is not read again.`;
  if (!(await agreed(question, yes, context))) return exitCodes.error;
  const { found, code } = await inHolders(key, context, async (service, path) => {
    // Asked first: a 204 has no body to tell it from a place that is not held.
    if ((await service.ask('GET', path)) === undefined) return undefined;
    await service.ask('DELETE', path);
    return { key };
  });
  const text = found.map((one) => `${one.service}: dismissed ${one.key}`);
  print(context, { dismissed: found }, text);
  return code;
}

type HeldBody = BodyOf<typeof heldBody>;
type ShownBody = BodyOf<typeof shownBody>;
type RetriedBody = BodyOf<typeof retriedBody>;

/** How many tries ended how, by the service's word; a newer service may have further words. */
interface RetryCounts {
  readonly released: number;
  readonly held: number;
  readonly unanswered: number;
  readonly place: number;
  readonly [outcome: string]: number;
}

/** One block for each: service and key, then why; last how many there are in each service that was reached. */
function heldAsText(held: readonly OfService<HeldBody>[], services: readonly string[], colors: Colors): string[] {
  const blocks = held.flatMap((one) => [`${one.service}  ${colors.yellow(one.key)}`, ...linesOf(one)]);
  const counts = services.map((name) => `${held.filter(({ service }) => service === name).length} in ${name}`);
  return [...blocks, `held ${held.length}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`];
}

function linesOf({ kind, reason, detail, appliedVersion, seenVersion, since, attempts }: HeldBody): string[] {
  const where = kind === 'place' ? '' : ` at version ${appliedVersion} of ${seenVersion} seen,`;
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  return [`    ${reason},${where} since ${since}, ${times}`, `    ${detail}`];
}

function shownAsText({ service, held, document, next, detail }: OfService<ShownBody>, colors: Colors): string[] {
  const parts = [`${service}  ${colors.yellow(held.key)}`, ...linesOf(held)];
  if (held.kind === 'subject') parts.push('document now:', ...(document ? json(document) : ['none']));
  if (next) parts.push('document after a retry:', ...(next.document ? json(next.document) : ['none']));
  return [...parts, detail];
}

function retriedAsText(retried: readonly OfService<RetriedBody>[], colors: Colors): string[] {
  return retried.map(({ service, key, outcome, detail, held }) => {
    if (outcome === 'released') return colors.green(`${service}: released ${key}`);
    const times = outcome === 'held' && held ? ` (attempt ${held.attempts})` : '';
    const word = outcome === 'held' ? 'held again' : outcome;
    return colors.red(`${service}: ${word} ${key}${times}: ${detail}`);
  });
}

function countsAsText(service: string, counts: RetryCounts): string {
  const { released, held, unanswered, place, ...others } = counts;
  const known = `released ${released}, held again ${held}, unanswered ${unanswered}, places ${place}`;
  return `${service}: ${[known, ...Object.entries(others).map(([word, count]) => `${word} ${count}`)].join(', ')}`;
}

const shownMax = 10_000;

function count(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= shownMax) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${shownMax}.`);
}

const help = `
A subject is held when one of its events cannot be processed: its later events wait, and every other subject goes on.
Exit codes: 0 ok, 1 error or a service was not reached, 2 usage, 4 something is still held, 130 stopped by Ctrl-C.
`;

export const addHeldVerb: AddVerb = (root, run) => {
  const acts = acting(run);
  const held = root
    .command('held')
    .description('shows subjects and offsets that cannot be processed further, and retries or dismisses them')
    .copyInheritedSettings(root)
    .addHelpText('after', help);
  const verb = (name: string, description: string) => serviceVerb(held, name, description);
  const keyHelp = 'a subject, or <topic>/<partition>@<offset>, as list shows it';

  verb('list', 'show what is held, and why')
    .option('--limit <n>', 'the largest number of entries to show for each service', count, 200)
    .action((options) => run(options, (context) => listHeld(options.limit, context)));

  verb('show', 'show a held subject with its document, and the result that a retry would have; change nothing')
    .argument('<key>', keyHelp)
    .action(acts(showHeld));

  verb('retry', 'read the missing events from their owner, and release the subject if that is possible now')
    .argument('<key>', keyHelp)
    .action(acts(retryHeld));

  verb('retry-all', 'retry everything that is held').action((options) => run(options, retryAllHeld));

  verb('dismiss', 'forget an offset of a topic, or a hole or an unreadable event that the owner does not have')
    .argument('<key>', keyHelp)
    .option('-y, --yes', 'do not ask for confirmation')
    .action(acts(dismissHeld));
};
