// The process of shopping-service.
import { runService } from '@foldline/shared/service';
import { shoppingService } from './service.ts';

runService(shoppingService);
