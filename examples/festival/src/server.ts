// One process of the example, chosen by its argument.
import { runOneOf, runService } from 'foldline';
import { festivalProcessor, festivalService } from './service.ts';

runOneOf({ service: () => runService(festivalService), processor: () => runService(festivalProcessor) });
