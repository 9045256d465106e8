// What shopping-service says about orders.
import { z } from 'zod';
import { defineContracts, type LatestEvent } from './registry.ts';
import { uuid } from './uuid.ts';

export const orderContracts = defineContracts({
  orderPlaced_v1: {
    schema: z.object({
      customerId: uuid,
      lines: z.array(z.object({ itemId: uuid, quantity: z.int().positive() })).min(1),
    }),
  },
});

export type OrderEvent = LatestEvent<typeof orderContracts>;
