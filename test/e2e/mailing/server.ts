// The process of the third service of docs/add-a-consumer.md, which quotes it.
// #region server

import { runService } from 'foldline';
import { mailingService } from './service.ts';

runService(mailingService);
// #endregion
