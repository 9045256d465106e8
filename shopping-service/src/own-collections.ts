// The collections of shopping-service: its events, the generations of its read model, and what it remembers beside them.
import {
  type CollectionForm,
  checkpointsForm,
  documentsForm,
  eventsForm,
  generationsIn,
  heldForm,
  modelsForm,
  pausesForm,
  processesForm,
} from 'foldline/mongodb';
import type { Db } from 'mongodb';
import { indexesOf, modelNames } from './read-model.ts';

/** Only reads: which generations are there stands in the database. */
export async function ownCollections(db: Db, eventBytesMax: number): Promise<readonly CollectionForm[]> {
  const models = await Promise.all(
    modelNames.map(async (model) =>
      (await generationsIn(db, model)).map((name) => documentsForm(name, indexesOf[model])),
    ),
  );
  return [
    ...['CatalogEvents', 'OrderEvents'].map((name) => eventsForm(name, eventBytesMax)),
    ...models.flat(),
    ...[heldForm, pausesForm, checkpointsForm, modelsForm, processesForm],
  ];
}

/** What an operator can do whose database has collections of somebody else. */
export const wayOut = 'Name another database in SHOPPING_DATABASE.';
