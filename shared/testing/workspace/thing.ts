// A small world for the engine's own tests: things with a name, which may be put into boxes.
import { type Decider, type Decode, Failure, type Projection, subjectOf } from '../../engine/index.ts';

export interface Thing {
  readonly state: 'absent' | 'available' | 'removed';
  readonly data: { readonly name: string; readonly boxId: string };
}

export type ThingEvent =
  | { readonly type: 'thingNamed_v2'; readonly data: { readonly name: string } }
  | { readonly type: 'thingPutIntoBox_v1'; readonly data: { readonly boxId: string } }
  | { readonly type: 'thingRemoved_v1'; readonly data: object };

export type ThingCommand =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'nameAndPut'; readonly name: string; readonly boxId: string }
  | { readonly kind: 'remove' };

/** `thingNamed_v1 { title }` upcasts to v2; stems other than named, put and removed are not folded. */
export const decodeThing: Decode<ThingEvent> = ({ type, data }) => {
  switch (type) {
    case 'thingNamed_v1':
      return { kind: 'known', event: { type: 'thingNamed_v2', data: { name: String(data.title) } } };
    case 'thingNamed_v2':
      if (typeof data.name === 'string') return { kind: 'known', event: { type, data: { name: data.name } } };
      return { kind: 'undecodable', reason: 'invalid-data', detail: 'thingNamed_v2: data.name: must be a string' };
    case 'thingPutIntoBox_v1':
      return { kind: 'known', event: { type, data: { boxId: String(data.boxId) } } };
    case 'thingRemoved_v1':
      return { kind: 'known', event: { type, data: {} } };
    case 'thingUnreadable_v1':
      return { kind: 'undecodable', reason: 'unreadable', detail: 'thingUnreadable_v1: data.name is lost' };
    case 'thingNamed_v3':
      return {
        kind: 'undecodable',
        reason: 'unknown-version',
        detail: 'thingNamed_v3 is a version that is not known here',
      };
  }
  return { kind: 'ignored' };
};

export const thingProjection: Projection<Thing, ThingEvent> = {
  name: 'things',
  kind: 'thing',
  foldVersion: 1,
  decode: decodeThing,
  initialState: { state: 'absent', data: { name: '', boxId: '' } },
  evolve(thing, event) {
    switch (event.type) {
      case 'thingNamed_v2':
      case 'thingPutIntoBox_v1':
        return { state: thing.state === 'removed' ? 'removed' : 'available', data: { ...thing.data, ...event.data } };
      case 'thingRemoved_v1':
        return { ...thing, state: 'removed' };
    }
  },
  names: (event) => (event.type === 'thingPutIntoBox_v1' ? [subjectOf('box', event.data.boxId)] : []),
};

/** Boxes only have a name; they are named by the same events. */
export const boxProjection: Projection<Thing, ThingEvent> = {
  name: 'boxes',
  kind: 'box',
  foldVersion: 1,
  decode: decodeThing,
  initialState: thingProjection.initialState,
  evolve: thingProjection.evolve,
};

export const thingDecider: Decider<Thing, ThingCommand, ThingEvent> = {
  kind: 'thing',
  source: '/things',
  decide(command, thing) {
    if (thing.state === 'removed') throw new Failure('deleted', 'It was removed.');
    switch (command.kind) {
      case 'name':
        return command.name === thing.data.name ? [] : [{ type: 'thingNamed_v2', data: { name: command.name } }];
      case 'nameAndPut':
        return [
          { type: 'thingNamed_v2', data: { name: command.name } },
          { type: 'thingPutIntoBox_v1', data: { boxId: command.boxId } },
        ];
      case 'remove':
        if (thing.state === 'absent') throw new Failure('not-found', 'There is no such thing.');
        return [{ type: 'thingRemoved_v1', data: {} }];
    }
  },
  claims: (event) => ('name' in event.data ? [`name:${event.data.name.toLowerCase()}`] : []),
  claimTaken: (claim) =>
    new Failure(claim.startsWith('name:') ? 'email-taken' : 'version-conflict', `${claim} is taken.`),
};
