// The collections that a service declares when it is opened. All of them are looked at before the first is made, so a database of
// somebody else stays as it is; a collection that was not declared cannot be opened later.
import type { IndexDescription } from 'mongodb';
import {
  type CollectionForm,
  checkpointsForm,
  documentsForm,
  eventsForm,
  heldForm,
  sagaInstancesForm,
  untoldEventsForm,
} from '../adapters/mongodb/index.ts';

export interface ServiceCollections {
  /** Collections of events. */
  readonly events?: readonly string[];
  /** Read models, each with the indexes that its readers need. */
  readonly documents?: Readonly<Record<string, readonly IndexDescription[]>>;
  /** Instances of sagas, and conversations of correlations. */
  readonly sagas?: readonly string[];
}

/** What a service writes to: the collections that it declares, and those that every service has. */
export function formsOf(
  { events = [], documents = {}, sagas = [] }: ServiceCollections,
  eventBytesMax: number,
): CollectionForm[] {
  return [
    heldForm,
    ...events.map((name) => eventsForm(name, eventBytesMax)),
    ...Object.entries(documents).map(([name, indexes]) => documentsForm(name, indexes)),
    ...sagas.map(sagaInstancesForm),
    ...(sagas.length > 0 ? [checkpointsForm, untoldEventsForm] : []),
  ];
}

/** @throws Error when the service did not declare the collection */
export function assertDeclared(forms: readonly CollectionForm[], name: string): void {
  if (forms.some((form) => form.name === name)) return;
  throw new Error(`The collection ${name} is not among the collections that openService was given: declare it there.`);
}
