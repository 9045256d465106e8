// The process of user-service.

import { runService } from 'foldline/service';
import { userService } from './service.ts';

runService(userService);
