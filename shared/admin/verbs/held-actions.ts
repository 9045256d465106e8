// What each subverb of `held` does, from the services' answers to the exit code.

import { heldPage, retriedBody, retriedPage, shownBody } from '../../operations/held/held-answers.ts';
import { agreed } from '../../terminal/index.ts';
import { askAll, type Context, exitCodes, json, print } from '../context.ts';
import { AdminFailure } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';
import {
  countsAsText,
  type HeldBody,
  heldAsText,
  type OfService,
  type RetriedBody,
  type RetryCounts,
  retriedAsText,
  shownAsText,
} from './held-output.ts';
import { read, readList } from './read.ts';
import { stoppable } from './watching.ts';

const perPageMax = 200;
const pathOf = (key: string) => `/admin/held/${encodeURIComponent(key)}`;
const withService = <T extends object>({ name }: ServiceClient, body: T): OfService<T> => ({ service: name, ...body });

export async function listHeld(limit: number, context: Context): Promise<number> {
  const { answers, failures } = await askAll(context, (service) => heldIn(service, limit));
  const held = answers.flatMap(({ service, answer }) => answer.items.map((one) => withService(service, one)));
  print(
    context,
    { held },
    heldAsText(
      held,
      answers.map(({ service }) => service.name),
      context.colors,
    ),
  );
  for (const { service, answer } of answers)
    if (answer.more) context.stderr(`${service.name} holds more than the ${limit} shown; --limit shows more.`);
  return failures.length > 0 ? exitCodes.error : exitCodes.ok;
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

/** Does `act` in every service that holds the key. @throws AdminFailure `not-found` when all were asked and none does */
async function inHolders<T>(key: string, context: Context, act: (service: ServiceClient) => Promise<T | undefined>) {
  const { answers, failures } = await askAll(context, act);
  const found = answers.flatMap(({ service, answer }) => (answer === undefined ? [] : [{ service, answer }]));
  if (found.length === 0 && failures.length === 0) {
    const asked = context
      .services()
      .map(({ name, url }) => `${name} (${url})`)
      .join(', ');
    throw new AdminFailure('not-found', `${key} is not held. Asked: ${asked}. \`held list\` shows what is.`);
  }
  return { found, failed: failures.length > 0 };
}

export async function showHeld(key: string, context: Context): Promise<number> {
  const { found, failed } = await inHolders(key, context, async (service) => {
    const body = await service.ask('GET', pathOf(key));
    return body === undefined ? undefined : read(shownBody, body, service, 'held subjects');
  });
  const shown = found.map(({ service, answer }) => withService(service, answer));
  if (context.format === 'json') context.stdout(json({ shown }));
  else if (shown.length > 0)
    context.stdout(shown.flatMap((one, i) => [...(i > 0 ? [''] : []), ...shownAsText(one, context.colors)]));
  return failed ? exitCodes.error : exitCodes.ok;
}

export async function retryHeld(key: string, context: Context): Promise<number> {
  const { found, failed } = await inHolders(key, context, async (service) => {
    const body = await service.ask('POST', `${pathOf(key)}/retry`);
    return body === undefined ? undefined : read(retriedBody, body, service, 'held subjects');
  });
  const retried = found.map(({ service, answer }) => withService(service, answer));
  if (context.format === 'json') context.stdout(json({ retried }));
  else if (retried.length > 0) context.stdout(retriedAsText(retried, context.colors));
  if (failed) return exitCodes.error;
  return retried.every(({ outcome }) => outcome === 'released') ? exitCodes.ok : exitCodes.stillHeld;
}

export async function retryAllHeld(context: Context): Promise<number> {
  const { answers, failures } = await askAll(context, (service) => retryAllIn(service, context));
  const left = answers.flatMap(({ service, answer }) => answer.left.map((one) => withService(service, one)));
  if (context.format === 'json') {
    const counts = answers.map(({ service, answer }) => withService(service, answer.counts));
    context.stdout(json({ notReleased: left, counts }));
  } else {
    const lines = retriedAsText(left, context.colors);
    const counts = answers.map(({ service, answer }) => countsAsText(service.name, answer.counts));
    context.stdout([...lines, ...counts]);
  }
  if (failures.length > 0 || left.some(({ outcome }) => outcome === 'unanswered')) return exitCodes.error;
  return left.length > 0 ? exitCodes.stillHeld : exitCodes.ok;
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

export async function dismissHeld(
  key: string,
  flags: { readonly yes?: boolean | undefined },
  context: Context,
): Promise<number> {
  const { stdout, format } = context;
  const question = `Dismiss ${key}? The record is not read again.`;
  if (!(await agreed(question, flags.yes, context))) return exitCodes.error;
  const { found, failed } = await inHolders(key, context, async (service) => {
    // Asked first: a 204 has no body to tell it from a place that is not held.
    const there = await service.ask('GET', pathOf(key));
    if (there === undefined) return undefined;
    await service.ask('DELETE', pathOf(key));
    return { key };
  });
  const dismissed = found.map(({ service, answer }) => withService(service, answer));
  if (format === 'json') stdout(json({ dismissed }));
  else if (dismissed.length > 0) stdout(dismissed.map((one) => `${one.service}: dismissed ${one.key}`));
  return failed ? exitCodes.error : exitCodes.ok;
}
