// The process of user-service.

import { runService } from 'foldline';
import { userService } from './service.ts';

runService(userService);
