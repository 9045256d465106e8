// One process of the example, chosen by its argument.
import { runOneOf, runService } from 'foldline';
import { referenceService } from './reference-service.ts';
import { channelService, groupService } from './titled-service.ts';

runOneOf({
  groups: () => runService(groupService),
  channels: () => runService(channelService),
  references: () => runService(referenceService),
});
