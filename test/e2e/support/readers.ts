// Two versions of one consumer of users: the next one knows a version of `userCreated` that the first does not.
import { userContracts } from '@foldline/contracts';
import {
  baseSettings,
  defineService,
  followingSettings,
  ownerSettings,
  readServiceConfig,
  startService,
} from 'foldline';
import { portSetting } from 'foldline/config';
import { type Contracts, decoderOf, defineContracts, type LatestEvent } from 'foldline/contracts';
import type { Projection, View } from 'foldline/engine';
import { createLogger } from 'foldline/fastify';
import { z } from 'zod';
import { mailingService } from '../mailing/service.ts';
import type { SubjectDocument, TestSystem } from './test-system.ts';

// #region contracts
const { userCreated_v1, userCreated_v2, ...others } = userContracts;
export const nextContracts = defineContracts({
  userCreated_v1,
  userCreated_v2: {
    schema: userCreated_v2.schema,
    upcast: {
      to: 'userCreated_v3',
      data: (data: z.output<typeof userCreated_v2.schema>) => ({ ...data, locale: 'und' }),
    },
  },
  userCreated_v3: { schema: userCreated_v2.schema.extend({ locale: z.string() }) },
  ...others,
});
// #endregion

interface Reader extends View {
  readonly state: 'unknown' | 'known';
  readonly data: { readonly email: string; readonly locale: string };
}

export const before: Projection<Reader, LatestEvent<typeof userContracts>> = {
  name: 'readers',
  kind: 'user',
  foldVersion: 1,
  decode: decoderOf(userContracts),
  initialState: { state: 'unknown', data: { email: '', locale: '' } },
  evolve: (reader, event) =>
    event.type === 'userCreated_v2' ? { state: 'known', data: { email: event.data.email, locale: '' } } : reader,
};

// #region projection
export const after: Projection<Reader, LatestEvent<typeof nextContracts>> = {
  name: 'readers',
  kind: 'user',
  foldVersion: 2,
  decode: decoderOf(nextContracts),
  initialState: { state: 'unknown', data: { email: '', locale: '' } },
  evolve(reader, event) {
    if (event.type !== 'userCreated_v3') return reader;
    const { email, locale } = event.data;
    return { state: 'known', data: { email, locale } };
  },
};
// #endregion

/** A consumer with this fold, in this process; `shown` answers what it has of a user, and why it is held. */
export async function startReaders<E extends LatestEvent<Contracts>>(
  system: TestSystem,
  projection: Projection<Reader, E>,
) {
  const table = {
    ...baseSettings,
    ...followingSettings,
    ...ownerSettings('USER_SERVICE', 'user-service', system.ready.userService),
    PORT: portSetting(0, 'the port to listen on'),
    DATABASE: z.string().default('readers').describe('the database of the read model'),
  };
  const definition = defineService({
    name: 'readers',
    description: '',
    projection: 'readers',
    settings: { table, port: 'PORT', database: 'DATABASE' },
    stores: {},
    models: { readers: { projection, from: mailingService.models.recipients.from } },
    routes() {},
  });
  const env = { MONGODB_URI: system.ready.mongodb as string, KAFKA_BROKERS: system.ready.kafka as string };
  const config = readServiceConfig(definition, { ...env, LOG_LEVEL: 'silent' });
  const service = await startService(definition, config, createLogger({ name: 'readers', level: config.LOG_LEVEL }));
  const stored = (name: string, _id: string) =>
    system.client.db('readers').collection<SubjectDocument>(name).findOne({ _id });
  return {
    async shown(subject: string) {
      const [document, held] = await Promise.all([stored('readers', subject), stored('Held', subject)]);
      return { version: document?.version ?? 0, reason: held?.reason, data: document?.data };
    },
    async close() {
      await service.app.close();
      await service.close();
    },
  };
}
