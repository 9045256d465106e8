// Rules about what of a collection of events travels: its inserts and nothing else, without what is the store's own, and to its own
// topic whatever a transform might do. Pure.
import type { Broken } from './finding.ts';
import { type FileRule, parsed, settingBroken } from './settings-rules.ts';
import { carriesSnapshots, list } from './topic-rules.ts';

const storeFields = ['_id', 'claims', 'request'];

/** What the stages of this name say, in order; undefined for a pipeline that is no JSON, which another rule tells. */
function stagesOf(pipeline: string | undefined, stage: '$match' | '$unset'): readonly unknown[] | undefined {
  const stages = pipeline === undefined || pipeline === '' ? [] : parsed(pipeline);
  if (!Array.isArray(stages)) return undefined;
  return stages.flatMap((one) => Object(one)[stage] ?? []);
}

const carriesInsertsOnly: FileRule = (spec) => {
  if (carriesSnapshots(spec)) return [];
  const matches = stagesOf(spec.config.pipeline, '$match');
  if (matches?.some((match) => Object(match).operationType === 'insert') ?? true) return [];
  const detail =
    'must hold {"$match":{"operationType":"insert"}}: a claim that is taken off an event is an update, and would travel as an event without a document';
  return [settingBroken('more-than-inserts', 'pipeline', detail)];
};

const keepsStoreFieldsHome: FileRule = (spec) => {
  if (carriesSnapshots(spec)) return [];
  const { config } = spec;
  const pipelines: readonly (readonly [string, string])[] = [
    ['pipeline', 'fullDocument.'],
    ...(config['startup.mode'] === 'copy_existing' ? [['startup.mode.copy.existing.pipeline', ''] as const] : []),
  ];
  return pipelines.flatMap(([key, prefix]): Broken[] => {
    const unset = stagesOf(config[key], '$unset');
    const missing = storeFields.map((field) => prefix + field).filter((field) => unset && !unset.includes(field));
    if (missing.length === 0) return [];
    const detail = `must hold {"$unset":${JSON.stringify(missing)}}: claims hold addresses, and a topic keeps them for ever`;
    return [settingBroken('store-fields-travel', key, detail)];
  });
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

export const streamRules: readonly FileRule[] = [carriesInsertsOnly, keepsStoreFieldsHome, keepsRecordsAsTheyAre];
