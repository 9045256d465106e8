// The collections of a service: those that its declaration names, and those that every service has. All of them are checked before the
// first is changed, so that another program's database stays as it is.
import type { Db, IndexDescription } from 'mongodb';
import {
  type CollectionForm,
  checkpointsForm,
  completenessForm,
  documentsForm,
  eventsForm,
  generationsIn,
  heldForm,
  modelsForm,
  offsetsForm,
  pausesForm,
  processesForm,
  sagaInstancesForm,
  untoldEventsForm,
} from '../adapters/mongodb/index.ts';
import { type ModelDeclaration, rebuildable, type ServiceDeclaration } from './declaration.ts';

/** The name of the index by which the documents that refer to a target are found, and paged, from the target. */
export const byTargetIndex = 'references.target_id';

const byTarget: IndexDescription = { key: { 'references.target': 1, _id: 1 }, name: byTargetIndex };

export function indexesOf({ projection, indexes = [] }: ModelDeclaration): readonly IndexDescription[] {
  return projection.refersTo ? [...indexes, byTarget] : indexes;
}

/** Only reads: the names of the generations stand in the database. */
export async function collectionsOf(
  declared: Pick<ServiceDeclaration, 'stores' | 'models' | 'sagas' | 'correlations' | 'collections'>,
  db: Db,
  eventBytesMax: number,
): Promise<readonly CollectionForm[]> {
  const { stores, models, collections = [] } = declared;
  const sagas = Object.keys({ ...declared.sagas, ...declared.correlations });
  const ofModels = await Promise.all(
    Object.values(models).map(async (model) => {
      const names = model.published ? [model.published] : await generationsIn(db, model.projection.name);
      return names.map((name) => documentsForm(name, indexesOf(model)));
    }),
  );
  return [
    ...Object.values(stores).map(({ collection, indexes = [] }) => eventsForm(collection, eventBytesMax, indexes)),
    ...ofModels.flat(),
    ...sagas.map(sagaInstancesForm),
    ...(sagas.length > 0 ? [untoldEventsForm] : []),
    ...collections,
    heldForm,
    pausesForm,
    checkpointsForm,
    completenessForm,
    offsetsForm,
    // Where no model can have another generation, processes have nothing to agree on.
    ...(rebuildable(models).length > 0 ? [modelsForm, processesForm] : []),
  ];
}
