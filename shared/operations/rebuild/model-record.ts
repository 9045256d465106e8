// What is known of a model's generations, and the four ways in which that may change. Pure: each function takes the record and returns
// the changed record, or refuses. A generation is a collection; readers see the live one, and at most one other exists beside it.
import { Failure } from '../../engine/index.ts';

/** How far a generation is filled, and by whom. */
export interface Backfill {
  /** The name of the source that it is filled from. */
  readonly from: string;
  readonly unit: string;
  readonly done: number;
  /** Undefined while nobody knows. */
  readonly of?: number | undefined;
  /** Documents that one of the two generations took over from the other, so that no version is lower in the new one. */
  readonly aligned: number;
  /** The process that fills it. */
  readonly by: string;
  /** Why the last try ended; undefined while one goes well. */
  readonly trouble?: string | undefined;
}

/** The generation that is not live. */
export interface Generation {
  readonly name: string;
  /** In both states the generation gets every write; only a following generation is complete. */
  readonly state: 'backfilling' | 'following';
  readonly since: Date;
  /** It was live before, and a rollback leads back to it. */
  readonly former: boolean;
  readonly backfill?: Backfill | undefined;
}

export const switchoverKinds = ['start', 'switch', 'rollback', 'discard'] as const;
export type SwitchoverKind = (typeof switchoverKinds)[number];

/** A change that all processes have to agree on: each pauses, one update is made, and all go on when all have seen it. */
export interface Switchover {
  readonly id: string;
  readonly kind: SwitchoverKind;
  /** Whether the one update was made. */
  readonly moved: boolean;
}

/** What a switchover changes. */
export interface Pointers {
  /** The collection that readers read. */
  readonly live: string;
  readonly other: Generation | undefined;
  /** The highest number that a generation of this model had. */
  readonly last: number;
  /** Collections that nobody reads or writes any more, and that are to be dropped. */
  readonly dropping: readonly string[];
}

export interface ModelRecord extends Pointers {
  readonly model: string;
  /** Raised by whatever changes what processes do: each switchover, and the end of a backfill. */
  readonly revision: number;
  readonly switchover: Switchover | undefined;
}

/** The first generation has the model's plain name. */
export function firstRecord(model: string): ModelRecord {
  return { model, revision: 1, live: model, other: undefined, last: 1, dropping: [], switchover: undefined };
}

export function nextName({ model, last }: Pick<ModelRecord, 'model' | 'last'>): string {
  return `${model}_g${last + 1}`;
}

/** @throws Failure `rebuild-refused` while another generation is there */
export function started(record: ModelRecord, backfill: Pick<Backfill, 'from' | 'unit' | 'by'>, since: Date): Pointers {
  const { model, live, other, last, dropping } = record;
  if (other?.state === 'backfilling')
    throw refused(`A rebuild of ${model} is running: ${other.name} is being filled from ${other.backfill?.from}.`);
  if (other)
    throw refused(
      `${model} has another generation, ${other.name}, ${stateText(other)}. Discard it before the next one.`,
    );
  const name = nextName(record);
  return {
    live,
    last: last + 1,
    dropping,
    other: { name, state: 'backfilling', since, former: false, backfill: { ...backfill, done: 0, aligned: 0 } },
  };
}

/** @throws Failure `rebuild-refused` unless the other generation follows and was not live before */
export function switched(record: ModelRecord, since: Date): Pointers {
  const { model, other } = record;
  if (!other) throw refused(`${model} has no other generation to switch to. Start a rebuild first.`);
  if (other.state === 'backfilling')
    throw refused(`${other.name} is still being filled, and does not follow yet. Switch when it does.`);
  if (other.former)
    throw refused(`${other.name} was live before, and a rollback leads back to it; there is no newer one.`);
  return exchanged(record, other, { former: true, since });
}

/** @throws Failure `rebuild-refused` unless the other generation was live before */
export function rolledBack(record: ModelRecord, since: Date): Pointers {
  const { model, live, other } = record;
  if (!other?.former)
    throw refused(
      `There is no former generation behind ${live}: ${model} was not switched, or its former generation was discarded.`,
    );
  return exchanged(record, other, { former: false, since });
}

/** @throws Failure `rebuild-refused` when there is no other generation */
export function discarded({ model, live, other, last, dropping }: ModelRecord): Pointers {
  if (!other) throw refused(`${model} has only ${live}, which is live, and nothing to discard.`);
  return { live, last, other: undefined, dropping: [...dropping, other.name] };
}

/**
 * Refuses a command that names a generation which it cannot be about.
 *
 * @throws Failure `not-found` for one that does not exist, `rebuild-refused` for the live one
 */
export function assertMeant({ model, live, other }: ModelRecord, generation: string | undefined): void {
  if (generation === undefined || generation === other?.name) return;
  if (generation === live) throw refused(`${live} is the live generation of ${model}.`);
  const names = [live, ...(other ? [other.name] : [])].join(', ');
  throw new Failure('not-found', `${model} has no generation ${generation}. There are: ${names}.`);
}

/** What was live goes on following: a rollback finds it at the same place. */
function exchanged(
  { live, last, dropping }: ModelRecord,
  other: Generation,
  now: Pick<Generation, 'former' | 'since'>,
) {
  return { live: other.name, last, dropping, other: { name: live, state: 'following', ...now } } as const;
}

function stateText({ former }: Generation): string {
  return former ? 'which was live before' : 'which follows and was not switched to';
}

function refused(why: string): Failure {
  return new Failure('rebuild-refused', why);
}
