// An id in an event: any UUID in lower case, so that one id has one spelling and one subject.
import { z } from 'zod';

export const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a lower-case UUID')
  .meta({ examples: ['0190f3c2-0000-7000-8000-00000000000a'] });
