// Which topics are there, and how many records ever came into them. The ends of a topic only grow: compaction, retention and
// deletion move its start, never its end.
import type { Admin } from 'kafkajs';

export async function existing(admin: Admin, names: readonly string[]): Promise<ReadonlySet<string>> {
  const there = new Set(await admin.listTopics());
  return new Set(names.filter((name) => there.has(name)));
}

export async function lengths(admin: Admin, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  // Only of those that are there: asking for another makes one on a broker that makes topics by itself.
  const there = [...(await existing(admin, names))];
  const ends = await Promise.all(there.map((topic) => admin.fetchTopicOffsets(topic)));
  return new Map(there.map((name, i) => [name, (ends[i] ?? []).reduce((sum, { high }) => sum + Number(high), 0)]));
}
