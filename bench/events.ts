// Events to measure with: users who are created and change their names.
import { systemIds } from 'foldline/config';
import type { StoredEvent } from 'foldline/engine';

export function createdEvent(): StoredEvent {
  const id = systemIds.next();
  return event(id, 1, 'userCreated_v2', { firstName: 'Ada', lastName: 'Lovelace', email: `${id}@example.org` });
}

/** Version 1 creates the user, every later one changes a name. */
export function userEvent(id: string, version: number): StoredEvent {
  if (version === 1)
    return event(id, 1, 'userCreated_v2', { firstName: 'Ada', lastName: 'Lovelace', email: `${id}@example.org` });
  return event(id, version, 'userFirstNameChanged_v1', { firstName: `Ada ${version}` });
}

function event(id: string, version: number, type: string, data: Record<string, unknown>): StoredEvent {
  const claims = type === 'userCreated_v2' ? { claims: [`email:${id}@example.org`] } : {};
  return {
    specversion: '1.0',
    id: systemIds.next(),
    source: '/bench',
    type,
    subject: `user-${id}`,
    version,
    time: new Date(),
    data,
    ...claims,
  };
}
