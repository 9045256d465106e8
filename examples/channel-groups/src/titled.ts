// Groups and channels are alike: something with a title that members join. Each is the whole domain of its own service.
import { decoderOf } from 'foldline/contracts';
import { type Decider, type DomainEvent, Failure, type Projection, type View } from 'foldline/engine';
import { channelContracts, groupContracts } from './contracts.ts';

export type Kind = 'group' | 'channel';

export interface Titled extends View {
  readonly state: 'none' | 'available' | 'removed';
  readonly data: { readonly title: string; readonly joined: number };
}

export type TitledCommand =
  | { readonly kind: 'create' | 'rename'; readonly title: string }
  | { readonly kind: 'join'; readonly memberId: string }
  | { readonly kind: 'remove' };

const contracts = { group: groupContracts, channel: channelContracts };

export function titledProjection(kind: Kind): Projection<Titled> {
  const joinedType = joined(kind);
  return {
    name: `${kind}s`,
    kind,
    foldVersion: 1,
    decode: decoderOf(contracts[kind]),
    initialState: { state: 'none', data: { title: '', joined: 0 } },
    evolve(view, { type, data }) {
      switch (type) {
        case `${kind}Created_v1`:
        case `${kind}Renamed_v1`:
          return { state: type === `${kind}Created_v1` ? 'available' : view.state, data: { ...view.data, ...data } };
        case joinedType:
          return { ...view, data: { ...view.data, joined: view.data.joined + 1 } };
        case `${kind}Removed_v1`:
          return { ...view, state: 'removed' };
      }
      return view;
    },
  };
}

export function titledDecider(kind: Kind): Decider<Titled, TitledCommand, DomainEvent> {
  return {
    kind,
    source: `/${kind}s`,
    decide(command, { state, data }) {
      if (command.kind === 'create') {
        if (state !== 'none') throw new Failure('id-taken', `Another ${kind} has or had this id; leave id out.`);
        return [{ type: `${kind}Created_v1`, data: { title: command.title } }];
      }
      if (state === 'none') throw new Failure('not-found', `There is no ${kind} with this id.`);
      if (state === 'removed') throw new Failure('deleted', `This ${kind} was removed.`);
      switch (command.kind) {
        case 'rename':
          return command.title === data.title ? [] : [{ type: `${kind}Renamed_v1`, data: { title: command.title } }];
        case 'join':
          return [{ type: joined(kind), data: { memberId: command.memberId } }];
        case 'remove':
          return [{ type: `${kind}Removed_v1`, data: {} }];
      }
    },
  };
}

function joined(kind: Kind): string {
  return kind === 'group' ? 'memberJoinedGroup_v1' : 'memberJoinedChannel_v1';
}
