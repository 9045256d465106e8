// A function that reads the messages of Debezium's outbox event router: the docs show it, and tests read messages by it. The table of
// the outbox has a column `aggregate_version`, which `table.fields.additional.placement` puts into a header.
import { v5 } from 'uuid';
import { headerTextOf, jsonOf, type ReadMessage } from '../read-message.ts';

// #region outbox
/** Any fixed UUID: the numbers of orders become UUIDs in it, always the same ones. */
export const ordersSpace = 'f3d7a0de-6f0c-4a57-9a3e-2d6d1c0f9b11';
const types: Readonly<Record<string, string>> = { OrderPlaced: 'orderPlaced_v1', OrderShipped: 'orderShipped_v1' };

export const readOutbox: ReadMessage = (message) => {
  const eventType = headerTextOf(message, 'eventType');
  if (eventType === 'OutboxProbed') return { passedOver: true };
  if (eventType === undefined) return { fault: 'the header eventType is missing' };
  if (message.key === null) return { fault: 'the message has no key, which should be the id of the order' };
  return {
    event: {
      specversion: '1.0',
      id: headerTextOf(message, 'id') ?? '',
      source: '/orders',
      // An event that this consumer does not fold only moves the version on.
      type: types[eventType] ?? 'orderChanged_v1',
      subject: `order-${v5(message.key.toString('utf8'), ordersSpace)}`,
      version: Number(headerTextOf(message, 'aggregateVersion')),
      time: message.timestamp,
      data: jsonOf(message) as Record<string, unknown>,
    },
  };
};
// #endregion
