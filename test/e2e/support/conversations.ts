// Conversations about groups and channels: asked for over HTTP in a mixed order; and what must come of them, computed from
// nothing but what was asked for.
import { createHash, randomUUID } from 'node:crypto';
import type { SeededRandom } from 'foldline/testing';
import { type AnswerBody, get, send as request } from './requests.ts';
import { shuffled } from './world.ts';

const clients = 12;
const perPage = 200;

/** What somebody asked for with one Correlation-Id: a channel, alone or with its group. */
export interface Conversation {
  readonly correlationid: string;
  readonly channelId: string;
  readonly groupId: string | null;
}

export interface Reference {
  readonly id: string;
  readonly version: number;
  readonly groupId: string;
  readonly channelId: string;
}

/** Half of them are about a channel without a group. */
export function conversations(count: number): Conversation[] {
  return Array.from({ length: count }, (_, i) => ({
    correlationid: randomUUID(),
    channelId: randomUUID(),
    groupId: i % 2 === 0 ? randomUUID() : null,
  }));
}

export type Command = readonly [method: 'POST' | 'DELETE', path: string, body?: object];

/** Carries one command out; the first part of its path is also the name of its service. @throws Error unless it succeeds */
export async function send(
  urlOf: (service: string) => string,
  correlationid: string,
  [method, path, body]: Command,
): Promise<void> {
  const url = `${urlOf(path.split('/')[1] ?? '')}${path}`;
  const headers = { 'correlation-id': correlationid };
  const answer = await request(method, url, body, { key: randomUUID(), headers });
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
}

/** Each channel and each group on its own, in any order, several at once. */
export async function askFor(
  urlOf: (service: string) => string,
  asked: readonly Conversation[],
  random: SeededRandom,
): Promise<void> {
  const commands = asked.flatMap(({ correlationid, channelId, groupId }) => [
    { correlationid, path: '/channels', id: channelId },
    ...(groupId === null ? [] : [{ correlationid, path: '/groups', id: groupId }]),
  ]);
  const left = shuffled(commands, random);
  async function work(): Promise<void> {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { correlationid, path, id } = next;
      await send(urlOf, correlationid, ['POST', path, { id, title: `Number ${left.length}` }]);
    }
  }
  await Promise.all(Array.from({ length: clients }, work));
}

/** The references that must be there, by id. */
export function referencesOf(asked: readonly Conversation[]): Reference[] {
  const whole = asked.flatMap(({ correlationid, groupId, channelId }) =>
    groupId === null ? [] : [{ id: version5(correlationid), version: 1, groupId, channelId }],
  );
  return whole.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** RFC 9562, section 5.5, in the namespace of URLs: what the services get from a package. */
export function version5(name: string): string {
  const namespace = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');
  const bytes = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** Every item of a list, page by page. */
export async function list(path: string): Promise<AnswerBody[]> {
  const all: AnswerBody[] = [];
  const url = new URL(path);
  url.searchParams.set('limit', String(perPage));
  for (;;) {
    const { status, body, text } = await get(url.href);
    if (status !== 200) throw new Error(`${url.href} answered ${status}: ${text}`);
    all.push(...(body.items as AnswerBody[]));
    if (body.nextCursor === null) return all;
    url.searchParams.set('cursor', String(body.nextCursor));
  }
}
