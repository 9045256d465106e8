// The process of shopping-service.

import { runService } from 'foldline';
import { shoppingService } from './service.ts';

runService(shoppingService);
