// One process of the example, chosen by its argument.
import { runComposed } from 'foldline';
import { readConfig } from '../../config.ts';
import { startReferenceService } from './reference-service.ts';
import { startTitledService } from './titled-service.ts';

runComposed(
  {
    groups: (config, logger) => startTitledService('group', config, logger),
    channels: (config, logger) => startTitledService('channel', config, logger),
    references: startReferenceService,
  },
  readConfig,
);
