// The process of shopping-service.

import { runService } from 'foldline/service';
import { shoppingService } from './service.ts';

runService(shoppingService);
