// What shopping-service says about orders.

import { defineContracts, type LatestEvent } from 'foldline/contracts';
import { z } from 'zod';
import { uuid } from './uuid.ts';

export const orderContracts = defineContracts({
  orderPlaced_v1: {
    schema: z
      .object({
        customerId: uuid,
        lines: z
          .array(
            z.object({
              itemId: uuid,
              quantity: z
                .int()
                .positive()
                .meta({ examples: [2] }),
            }),
          )
          .min(1),
      })
      .describe('A customer placed an order; it never changes'),
  },
});

export type OrderEvent = LatestEvent<typeof orderContracts>;
