// What is wrong with MongoDB, derived from the server's own answers. Pure.
import { type Diagnosis, diagnosed, notChecked, type Section, section } from './diagnosis.ts';
import type { MongodbState, Oplog, ReplicaSet } from './mongodb-state.ts';

/** @param uri as given; undefined when it was not */
export function diagnoseMongodb(
  uri: string | undefined,
  state: MongodbState | undefined,
  oplogWindowMs: number,
): Section {
  if (uri === undefined || state === undefined)
    return section('mongodb', 'not looked at', [diagnosed('mongodb-not-given', 'MONGODB_URI', 'is not set')]);
  const about = 'MongoDB';
  switch (state.is) {
    case 'unreachable':
      return section('mongodb', uri, [diagnosed('mongodb-unreachable', about, `does not answer: ${state.reason}`)]);
    case 'login-refused':
      return section('mongodb', uri, [diagnosed('mongodb-login', about, `refuses the user: ${state.reason}`)]);
    case 'no-replica-set':
      return section('mongodb', uri, [
        diagnosed('mongodb-no-replica-set', about, `is no replica set: it ${state.reason}`),
      ]);
    case 'router':
      return notChecked('mongodb', `${uri} is a router of a sharded cluster: look at each shard`);
    case 'set': {
      const { set, oplog, hidden } = state;
      const findings = [
        ...(set === undefined ? [] : ofSet(set, about)),
        ...(oplog === undefined ? [] : ofOplog(oplog, oplogWindowMs, about)),
        ...hidden.map((what) => diagnosed('mongodb-may-not-look', about, `does not let this user see ${what}`)),
      ];
      const members = set && `replica set ${set.name}, ${set.well} of ${set.all} members well`;
      const kept = oplog && `oplog ${megabytes(oplog.usedBytes)} of ${megabytes(oplog.maxBytes)} MB`;
      return section('mongodb', [uri, members, kept].filter((part) => part !== undefined).join(', '), findings);
    }
  }
}

function ofSet({ name, hasPrimary, well, all, majority }: ReplicaSet, about: string): Diagnosis[] {
  return [
    ...(hasPrimary
      ? []
      : [diagnosed('mongodb-no-primary', about, `has no primary in its set ${name}: nothing can be written`)]),
    ...(well >= majority
      ? []
      : [
          diagnosed(
            'mongodb-no-majority',
            about,
            `has ${well} of ${all} voting members that hold data, and ${majority} make a majority`,
          ),
        ]),
  ];
}

/** From this share on an oplog counts as full: what it holds is all that it will ever hold. */
const fullShare = 0.9;
/** Below this share nothing is reckoned: a minute of a new set says nothing about a day. */
const tellingShare = 0.1;

/**
 * A full oplog reaches back as far as it reaches. One that is not full yet says nothing by its age, so what it will hold is
 * reckoned from how fast it filled: a guess, and told as one.
 */
function ofOplog({ usedBytes, maxBytes, spanMs, keptMs }: Oplog, windowMs: number, about: string): Diagnosis[] {
  const share = maxBytes === 0 ? 0 : usedBytes / maxBytes;
  if (share < tellingShare || keptMs >= windowMs) return [];
  const full = share >= fullShare;
  const reachMs = full ? spanMs : spanMs / share;
  if (reachMs >= windowMs) return [];
  const wanted = `and a connector should be able to be away for ${duration(windowMs)}`;
  return full
    ? [diagnosed('oplog-short', about, `has an oplog that reaches back ${duration(reachMs)}, ${wanted}`)]
    : [diagnosed('oplog-fills-fast', about, `fills its oplog in ${duration(reachMs)} at the pace so far, ${wanted}`)];
}

const megabytes = (bytes: number) => Math.round(bytes / 1_048_576);

function duration(ms: number): string {
  const units = [
    [86_400_000, 'days'],
    [3_600_000, 'hours'],
    [60_000, 'minutes'],
  ] as const;
  const [unitMs, name] = units.find(([one]) => ms >= 2 * one) ?? [1_000, 'seconds'];
  return `${Math.round(ms / unitMs)} ${name}`;
}
