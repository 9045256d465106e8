// Which channel belongs to which group, as the third service says.
import { decoderOf } from 'foldline/contracts';
import type { Projection, View } from 'foldline/engine';
import { referenceContracts } from './contracts.ts';

export interface Reference extends View {
  readonly state: 'none' | 'available' | 'removed';
  readonly data: { readonly groupId: string; readonly channelId: string };
}

export const referenceProjection: Projection<Reference> = {
  name: 'references',
  kind: 'channel-group-reference',
  foldVersion: 1,
  decode: decoderOf(referenceContracts),
  initialState: { state: 'none', data: { groupId: '', channelId: '' } },
  evolve: ({ data }, event) =>
    event.type === 'channelGroupReferenceCreated_v1'
      ? { state: 'available', data: event.data as Reference['data'] }
      : { state: 'removed', data },
};
