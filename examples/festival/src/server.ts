// One process of the example, chosen by its argument.
import { runComposed } from 'foldline';
import { readConfig } from '../../config.ts';
import { startFestivalService } from './festival-service.ts';
import { startProcessor } from './processor.ts';

runComposed({ service: startFestivalService, processor: startProcessor }, readConfig);
