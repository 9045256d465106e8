// Rules about what of a collection travels: every event or snapshot, whole, without what is the store's own, from the first one on,
// and to its own topic whatever a transform might do. Pure.

import { isFoundIn, list, parsed } from '../config-values.ts';
import type { ConnectorShape } from '../connector-shape.ts';
import {
  documentIn,
  faultOf,
  operationConditions,
  operationsOf,
  type PipelineOf,
  storeFields,
  takesOut,
} from './pipeline.ts';
import { type Broken, type FileRule, settingBroken } from './rules.ts';

interface Pipeline {
  readonly key: string;
  readonly of: PipelineOf;
  readonly stages: readonly unknown[];
}

const copyPipeline = 'startup.mode.copy.existing.pipeline';

/** The pipelines that are in force. One that is no JSON is told by another rule. */
function pipelinesOf({ config }: ConnectorShape): Pipeline[] {
  const copies = config['startup.mode'] === 'copy_existing';
  const read = (key: string, of: PipelineOf): Pipeline[] => {
    const stages = config[key] ? parsed(config[key]) : [];
    return Array.isArray(stages) ? [{ key, of, stages }] : [];
  };
  return [...read('pipeline', 'changes'), ...(copies ? read(copyPipeline, 'copy') : [])];
}

const carriesInsertsOnly: FileRule = (spec) => {
  const [changes] = pipelinesOf(spec).filter(({ of }) => of === 'changes');
  if (spec.carries === 'snapshots' || changes === undefined) return [];
  const conditions = changes.stages.flatMap((stage) => operationConditions(Object(stage).$match));
  const onlyInserts = (condition: unknown) => operationsOf(condition)?.every((one) => one === 'insert') === true;
  if (conditions.some(onlyInserts)) return [];
  const detail =
    'must hold {"$match":{"operationType":"insert"}}: a claim that is taken off an event is an update, and would travel as an event without a document';
  return [settingBroken('more-than-inserts', 'pipeline', detail)];
};

const keepsStoreFieldsHome: FileRule = (spec) => {
  if (spec.carries === 'snapshots') return [];
  return pipelinesOf(spec).flatMap(({ key, of, stages }): Broken[] => {
    const fields = storeFields.map((field) => documentIn[of] + field);
    const missing = fields.filter((field) => !stages.some((stage) => takesOut(stage, field)));
    if (missing.length === 0) return [];
    const detail = `must hold {"$unset":${JSON.stringify(missing)}}: claims hold addresses, and a topic keeps them for ever`;
    return [settingBroken('store-fields-travel', key, detail)];
  });
};

const keepsEveryRecordWhole: FileRule = (spec) =>
  pipelinesOf(spec).flatMap(({ key, of, stages }) =>
    stages.flatMap((stage): Broken[] => {
      const fault = faultOf(stage, spec, of);
      return fault === undefined ? [] : [settingBroken(fault.rule, key, fault.detail)];
    }),
  );

const copyRegex = 'startup.mode.copy.existing.namespace.regex';

/** The connector looks for the pattern anywhere in `database.collection`. */
const copiesItsCollection: FileRule = ({ config }) => {
  const pattern = config[copyRegex];
  const namespace = `${config.database}.${config.collection}`;
  if (!pattern || isFoundIn(pattern, namespace)) return [];
  const detail = `is ${JSON.stringify(pattern.slice(0, 80))}, which is not found in ${namespace}: nothing would be copied, and what is older than the connector would never travel; leave it out`;
  return [settingBroken('copy-misses', copyRegex, detail)];
};

const followed = [
  'org.apache.kafka.connect.transforms.ExtractField$Key',
  'org.apache.kafka.connect.transforms.InsertHeader',
];

const keepsRecordsAsTheyAre: FileRule = ({ config }) =>
  list(config.transforms).flatMap((alias): Broken[] => {
    const key = `transforms.${alias}.type`;
    const type = config[key] ?? '';
    // What changes keys is the business of another rule.
    if (followed.includes(type) || type.endsWith('$Key') || type.endsWith('.ValueToKey')) return [];
    const detail = `${type || 'nothing'} could drop a record, change it, or send it to another topic; taken are ${followed.join(' and ')}`;
    return [settingBroken('record-transformed', key, detail)];
  });

export const streamRules: readonly FileRule[] = [
  carriesInsertsOnly,
  keepsStoreFieldsHome,
  keepsEveryRecordWhole,
  copiesItsCollection,
  keepsRecordsAsTheyAre,
];
