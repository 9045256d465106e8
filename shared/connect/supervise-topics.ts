// Checks that the topics exist to which running connectors send, and creates missing ones again. A connector whose own topic is gone copies
// its collection again; a connector that lacks a support topic is restarted.

import { rootReasonOf } from '../engine/index.ts';
import { beginAnew, unmarked } from './begin-anew.ts';
import { copiesExisting } from './collection-counts.ts';
import type { ConnectorFile } from './connector-file.ts';
import { type ConnectorHealth, isPaused } from './health.ts';
import { type SupportTopic, supportTopicsOf } from './needed-topics.ts';
import type { TopicAdmin } from './topics.ts';
import type { AtWorker } from './wait.ts';
import { knowsOffsets } from './worker-version.ts';

export type TopicEvent =
  /** A topic was not there at two looks, and is made again; the connectors that send to it are restarted or begin anew. */
  | { readonly type: 'topic-missing'; readonly topic: string; readonly names: readonly string[] }
  /** The topic is there again, and the connectors were let go on. */
  | { readonly type: 'topic-made'; readonly topic: string; readonly names: readonly string[] }
  /** Told once, when the topics can no longer be looked at or made, and again when they can. */
  | { readonly type: 'topics-unknown'; readonly reason: string }
  | { readonly type: 'topics-known' };

export interface TopicCare {
  readonly files: readonly ConnectorFile[];
  readonly openTopics: () => Promise<TopicAdmin>;
}

interface TopicKeeping {
  /** @param health of the connectors, from the same look */
  look(health: readonly ConnectorHealth[]): Promise<void>;
  close(): Promise<void>;
}

export function careForTopics(
  { files, openTopics }: TopicCare,
  at: AtWorker,
  onEvent: (event: TopicEvent) => void,
): TopicKeeping {
  const support = supportTopicsOf(files);
  const needed = [...support, ...files.map(({ topic }) => topic)].map(({ name }) => name);
  let admin: TopicAdmin | undefined;
  let missingBefore: ReadonlySet<string> = new Set();
  /** Connectors whose beginning failed half-way here: they are STOPPED, and nobody else lets them go on. */
  const unfinished = new Set<string>();
  let isUnknown = false;

  async function tend(health: readonly ConnectorHealth[]): Promise<void> {
    admin ??= await openTopics();
    const existing = await admin.existing(needed);
    const missing = needed.filter((name) => !existing.has(name));
    // At two looks: a broker that just came back may not know all of its topics at once.
    const gone = missing.filter((name) => missingBefore.has(name));
    missingBefore = new Set(missing);
    const atWork = new Set(health.filter((one) => one.state !== 'ABSENT' && !isPaused(one)).map(({ name }) => name));
    for (const name of gone) {
      const one = support.find((spec) => spec.name === name);
      // A support topic comes first: without it a connector may not even be able to stop.
      if (one !== undefined) await makeSupport(one, admin, atWork);
      else await makeOwn(name, admin, atWork);
    }
    for (const name of unfinished) {
      const { state } = health.find((one) => one.name === name) ?? {};
      if (state === 'STOPPED') await begin(name, admin);
      // Somebody else let it go on, or took it off.
      else unfinished.delete(name);
    }
  }

  async function makeSupport(spec: SupportTopic, topics: TopicAdmin, atWork: ReadonlySet<string>): Promise<void> {
    const names = spec.neededBy.filter((name) => atWork.has(name));
    if (names.length === 0) return;
    onEvent({ type: 'topic-missing', topic: spec.name, names });
    await topics.create(spec);
    for (const name of names) await at.rest.restart(name, false);
    onEvent({ type: 'topic-made', topic: spec.name, names });
  }

  async function makeOwn(name: string, topics: TopicAdmin, atWork: ReadonlySet<string>): Promise<void> {
    const file = files.find(({ topic }) => topic.name === name);
    // Somebody stopped it, or took it off: whoever deletes a topic on purpose does that first.
    if (file === undefined || !atWork.has(file.name)) return;
    const names = [file.name];
    onEvent({ type: 'topic-missing', topic: name, names });
    const { config } = await deployed(file);
    if (!copiesExisting({ config })) {
      // A beginning would leave out what came since: it goes on from its position.
      await topics.create(file.topic);
      await at.rest.restart(file.name, false);
      return onEvent({ type: 'topic-made', topic: name, names });
    }
    if (!(await knowsOffsets(at.rest)))
      throw new Error(`the worker cannot let ${file.name} begin anew: it needs Kafka Connect 3.6 or later`);
    unfinished.add(file.name);
    await begin(file.name, topics);
  }

  async function begin(name: string, topics: TopicAdmin): Promise<void> {
    const file = files.find((one) => one.name === name);
    if (file === undefined) return;
    await beginAnew(await deployed(file), at, () => topics.create(file.topic));
    unfinished.delete(name);
    onEvent({ type: 'topic-made', topic: file.topic.name, names: [name] });
  }

  /** The file may have been changed, or applied from another folder, since this process read it; an operator may have left a mark. */
  async function deployed(file: ConnectorFile): Promise<ConnectorFile> {
    const { name: _, ...config } = unmarked((await at.rest.config(file.name)) ?? file.config);
    return { ...file, config };
  }

  return {
    async look(health) {
      try {
        await tend(health);
        if (isUnknown) onEvent({ type: 'topics-known' });
        isUnknown = false;
      } catch (error) {
        if (at.signal?.aborted) return;
        if (!isUnknown) onEvent({ type: 'topics-unknown', reason: rootReasonOf(error) });
        isUnknown = true;
        // The next look opens another.
        await admin?.close().catch(() => undefined);
        admin = undefined;
      }
    },
    async close() {
      await admin?.close().catch(() => undefined);
    },
  };
}
