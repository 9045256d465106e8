// Holds the other generation against the live one: a merge-join of two sorted scans, streamed. What is at different versions at
// that moment may be a write on its way to the second collection, so it is looked at once more, and only then counted.

import { isPlaceholder, type StoredDocument } from '../../engine/index.ts';
import { pause } from '../../running/index.ts';
import { contentDigest, wholeForm } from '../verification/content.ts';
import { mergeJoin } from './merge-join.ts';
import type { GenerationCollection } from './rebuilt-model.ts';

/** Of the other generation, as the live one sees it. `behind` and `ahead`: its version. */
export const comparedKinds = ['missing', 'extra', 'different', 'behind', 'ahead'] as const;
export type ComparedKind = (typeof comparedKinds)[number];

export interface Compared {
  readonly subject: string;
  readonly kind: ComparedKind;
  readonly liveVersion: number | undefined;
  readonly otherVersion: number | undefined;
}

export interface Comparison {
  readonly model: string;
  readonly live: string;
  readonly other: string;
  readonly startedAt: Date;
  endedAt: Date | undefined;
  state: 'running' | 'equal' | 'different' | 'failed';
  /** Why it failed. */
  detail: string;
  documents: number;
  /** About how many there are. */
  estimated: number;
  /** What differed at the first look only. */
  moving: number;
  readonly found: Record<ComparedKind, number>;
  /** The first ones; `found` counts all. */
  readonly listed: Compared[];
}

export interface CompareLimits {
  readonly listedMax: number;
  /** How long a difference of versions may be a write on its way. */
  readonly settleMs: number;
}

const atOnceMax = 1000;

type Ends = Record<'live' | 'other', GenerationCollection>;

export async function compareGenerations(
  { live, other }: Ends,
  comparison: Comparison,
  { listedMax, settleMs }: CompareLimits,
  signal: AbortSignal,
): Promise<void> {
  const count = (compared: Compared) => {
    comparison.found[compared.kind] += 1;
    if (comparison.listed.length < listedMax) comparison.listed.push(compared);
  };
  let unsettled: Compared[] = [];

  /** A write on its way goes on: what is as it was stands still, and is a finding. */
  async function lookAgain(): Promise<void> {
    await pause(settleMs, signal);
    signal.throwIfAborted();
    const first = unsettled;
    unsettled = [];
    const ids = first.map(({ subject }) => subject);
    const [ofLive, ofOther] = await Promise.all([live.documents.read(ids), other.documents.read(ids)]);
    for (const one of first) {
      const now = differenceOf(one.subject, ofLive.get(one.subject), ofOther.get(one.subject));
      const isSame = now?.liveVersion === one.liveVersion && now?.otherVersion === one.otherVersion;
      if (now && isSame) count(now);
      else comparison.moving += 1;
    }
  }

  comparison.estimated = await live.estimate();
  for await (const { key, one, other: copy } of mergeJoin(live.scan(), other.scan())) {
    comparison.documents += 1;
    const difference = differenceOf(key, one, copy);
    // At one version there is nothing to wait for.
    if (difference?.kind === 'different') count(difference);
    else if (difference) unsettled.push(difference);
    if (unsettled.length >= atOnceMax) await lookAgain();
    if (comparison.documents % atOnceMax === 0) signal.throwIfAborted();
  }
  if (unsettled.length > 0) await lookAgain();
}

function differenceOf(
  subject: string,
  live: StoredDocument | undefined,
  other: StoredDocument | undefined,
): Compared | undefined {
  const found = { subject, liveVersion: live?.version, otherVersion: other?.version };
  if (!live) return other && { ...found, kind: 'extra' };
  if (!other) return { ...found, kind: 'missing' };
  if (other.version !== live.version) return { ...found, kind: other.version < live.version ? 'behind' : 'ahead' };
  return textOf(live) === textOf(other) ? undefined : { ...found, kind: 'different' };
}

/** The number of the fold says who wrote it, not what it says. */
function textOf(document: StoredDocument): string {
  return isPlaceholder(document) ? document.state : contentDigest(wholeForm(document));
}

/** Begins it in the background. */
export function comparing(
  ends: Ends,
  about: Pick<Comparison, 'model' | 'live' | 'other' | 'startedAt'>,
  { limits, signal, now }: { readonly limits: CompareLimits; readonly signal: AbortSignal; now(): Date },
): { readonly comparison: Comparison; readonly done: Promise<void> } {
  const found = Object.fromEntries(comparedKinds.map((kind) => [kind, 0])) as Record<ComparedKind, number>;
  const figures = { documents: 0, estimated: 0, moving: 0, found, listed: [] };
  const comparison: Comparison = { ...about, endedAt: undefined, state: 'running', detail: '', ...figures };
  const run = async () => {
    try {
      await compareGenerations(ends, comparison, limits, signal);
      comparison.state = Object.values(found).some((count) => count > 0) ? 'different' : 'equal';
    } catch (error) {
      comparison.state = 'failed';
      comparison.detail = error instanceof Error ? error.message : String(error);
    }
    comparison.endedAt = now();
  };
  return { comparison, done: run() };
}
