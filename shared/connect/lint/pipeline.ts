// What a pipeline of a file does to records, as far as this is known here: the stages that keep every record and every field, and the
// fields that are taken out. An unknown stage is a finding with its reason. Pure.
import type { Carries, ConnectorShape } from '../connector-shape.ts';
import type { RuleName } from './rules.ts';

/** The store's own fields, which do not travel. */
export const storeFields = ['_id', 'claims', 'request'];

/** The fields of an event; a consumer cannot read an event without them. */
const eventFields = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'version',
  'time',
  'correlationid',
  'causationid',
  'data',
];

/** Fields of a change that the connector needs: its resume token, and where the record goes to. */
const changeFields = ['_id', 'operationType', 'ns', 'documentKey'];

/** Fields of a change that nothing here reads and that do not travel. */
const idleChangeFields = ['updateDescription', 'clusterTime', 'wallTime', 'lsid', 'txnNumber', 'collectionUUID'];

/** Where a pipeline runs: on changes, or on the documents that are copied at the start. */
export type PipelineOf = 'changes' | 'copy';

interface StageFault {
  readonly rule: Extract<RuleName, 'records-filtered' | 'records-rewritten'>;
  readonly detail: string;
}

/** Where the fields of a document stand in what a pipeline sees. */
export const documentIn = { changes: 'fullDocument.', copy: '' } as const;

/** What the operations of an `operationType` condition are; undefined for a condition that is not followed here. */
export function operationsOf(condition: unknown): readonly unknown[] | undefined {
  if (typeof condition === 'string') return [condition];
  const entries = entriesOf(condition);
  const [operator, value] = entries[0] ?? [];
  if (entries.length !== 1) return undefined;
  if (operator === '$eq') return [value];
  return operator === '$in' && Array.isArray(value) ? value : undefined;
}

/** Every condition on operation types that all records must meet. */
export function operationConditions(filter: unknown): unknown[] {
  return entriesOf(filter).flatMap(([key, value]) => {
    if (key === '$and' && Array.isArray(value)) return value.flatMap(operationConditions);
    return key === 'operationType' ? [value] : [];
  });
}

const wantedOperations = { events: ['insert'], snapshots: ['insert', 'replace', 'update'] } as const;

/** What a file says of its records. */
export type Carried = Pick<ConnectorShape, 'carries' | 'states'>;

/** Whether a filter is known to let every record through that has to travel. */
function letsAllThrough(filter: unknown, spec: Carried, of: PipelineOf): boolean {
  const { carries, states } = spec;
  if (!isObject(filter)) return false;
  return Object.entries(filter).every(([key, condition]) => {
    if (key === '$and') return Array.isArray(condition) && condition.every((part) => letsAllThrough(part, spec, of));
    const values = operationsOf(condition);
    if (key === 'operationType' && of === 'changes')
      return wantedOperations[carries].every((operation) => values?.includes(operation));
    return states !== undefined && key === `${documentIn[of]}state` && states.every((state) => values?.includes(state));
  });
}

/** How much of a stage a message repeats. */
const shownChars = 80;

/** Stages that leave records out or merge them, whatever they say. */
const filtering = ['$limit', '$skip', '$sample', '$redact', '$group', '$unwind', '$bucket', '$count', '$facet'];

const losses = {
  events: 'an event that is left out, a deletion for example, never travels, and consumers hold its subject',
  snapshots: 'a snapshot that is left out stays in the topic as it was, a deletion for example',
} as const;

const waysOut = {
  events: 'take it out',
  snapshots: 'take it out, or let it name every state, and list them all in "states" of the file',
} as const;

/** What is wrong with a stage; undefined for one that keeps every record and every field that has to travel. */
export function faultOf(stage: unknown, spec: Carried, of: PipelineOf): StageFault | undefined {
  const { carries } = spec;
  const [name, ...others] = isObject(stage) ? Object.keys(stage) : [];
  const text = JSON.stringify(stage);
  const shown = text.length > shownChars ? `${text.slice(0, shownChars)}…` : text;
  const rewritten = (why: string): StageFault => ({ rule: 'records-rewritten', detail: `${shown} ${why}` });
  if (name === undefined || others.length > 0) return rewritten('is no stage of a pipeline');
  const value = (stage as Readonly<Record<string, unknown>>)[name];
  if (name === '$match') {
    if (letsAllThrough(value, spec, of)) return undefined;
    return { rule: 'records-filtered', detail: `${shown} filters records: ${losses[carries]}; ${waysOut[carries]}` };
  }
  if (filtering.includes(name))
    return {
      rule: 'records-filtered',
      detail: `${shown} does not let every record through: ${losses[carries]}; take it out`,
    };
  if (name !== '$unset' && name !== '$project')
    return rewritten('is no stage that is known here to leave records as they are: take it out');
  const lost = lostFields(stage as Stage, carries, of);
  if (lost === undefined) return rewritten('computes fields, so that what travels is not what is stored: take it out');
  return lost.length === 0
    ? undefined
    : rewritten(`takes out ${lost.join(', ')}, which the connector or a consumer needs: keep it`);
}

type Stage = Readonly<Record<string, unknown>>;

/** The fields that have to travel, or that the connector needs, and that the stage takes out; undefined when it computes some. */
function lostFields(stage: Stage, carries: Carries, of: PipelineOf): string[] | undefined {
  const selection = selectionOf(stage);
  if (selection === undefined) return undefined;
  if (!selection.inclusive) return selection.fields.filter((field) => !mayGo(field, carries, of));
  return needed(carries, of).filter((field) => !selection.fields.some((kept) => isWithin(field, kept)));
}

function mayGo(field: string, carries: Carries, of: PipelineOf): boolean {
  if (of === 'changes' && idleChangeFields.some((idle) => isWithin(field, idle))) return true;
  return carries === 'events' && storeFields.some((own) => isWithin(field, documentIn[of] + own));
}

/** What a projection that names the fields to keep has to name. A snapshot has fields that are not known here. */
function needed(carries: Carries, of: PipelineOf): string[] {
  const ofEvent = eventFields.map((field) => documentIn[of] + field);
  const ofSnapshot = [of === 'changes' ? 'fullDocument' : 'fields that it does not name'];
  return [...(of === 'changes' ? changeFields : []), ...(carries === 'events' ? ofEvent : ofSnapshot)];
}

interface Selection {
  /** Whether the fields are those that are kept; else those that are taken out. */
  readonly inclusive: boolean;
  readonly fields: readonly string[];
}

/** The fields that `$unset` or `$project` names, as paths; undefined when a value is computed. */
function selectionOf(stage: Stage): Selection | undefined {
  if ('$unset' in stage) return { inclusive: false, fields: textsOf(stage.$unset) };
  const paths = flattened(stage.$project, '');
  const kept = paths.filter(([, keep]) => isTrue(keep)).map(([path]) => path);
  const out = paths.filter(([, keep]) => isFalse(keep)).map(([path]) => path);
  if (kept.length + out.length < paths.length || paths.length === 0) return undefined;
  if (kept.length === 0) return { inclusive: false, fields: out };
  // MongoDB keeps _id unless it is told not to.
  return { inclusive: true, fields: out.includes('_id') ? kept : ['_id', ...kept] };
}

/** Whether the stage takes this field out. */
export function takesOut(stage: unknown, field: string): boolean {
  if (!isObject(stage) || !('$unset' in stage || '$project' in stage)) return false;
  const selection = selectionOf(stage);
  if (selection === undefined) return false;
  const { inclusive, fields } = selection;
  // A kept parent keeps its fields, and a kept field of its own is there still.
  return inclusive
    ? !fields.some((kept) => isWithin(field, kept) || isWithin(kept, field))
    : fields.some((out) => isWithin(field, out));
}

function flattened(part: unknown, prefix: string): [path: string, value: unknown][] {
  return entriesOf(part).flatMap(([key, value]): [string, unknown][] =>
    isObject(value) && !Object.keys(value).some((inner) => inner.startsWith('$'))
      ? flattened(value, `${prefix}${key}.`)
      : [[prefix + key, value]],
  );
}

const isTrue = (value: unknown) => value === true || (typeof value === 'number' && value !== 0);
const isFalse = (value: unknown) => value === false || value === 0;
const isWithin = (field: string, parent: string) => field === parent || field.startsWith(`${parent}.`);
const textsOf = (value: unknown) => (Array.isArray(value) ? value : [value]).map(String);

function isObject(value: unknown): value is Stage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}
