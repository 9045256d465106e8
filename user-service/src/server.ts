// The process of user-service.
import { runService } from '@foldline/shared/service';
import { userService } from './service.ts';

runService(userService);
