// A MongoClient that an application made for itself, as Foldline may use it: majority, journalled and from the primary, with values of
// the default types, whatever the client does for the application. What a client decides for all of its users is refused by name.
import { type DbOptions, MongoClient, ReadConcern, ReadPreference } from 'mongodb';

/** What Foldline needs of a client; `MongoClient` is one. */
export type MongoUse = Pick<MongoClient, 'db' | 'startSession' | 'close'>;

/** Each option that a database may have in place of its client's. */
const ofDatabases: DbOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: new ReadConcern('majority'),
  readPreference: ReadPreference.primary,
  ignoreUndefined: true,
  serializeFunctions: false,
  promoteValues: true,
  promoteLongs: true,
  promoteBuffers: false,
  useBigInt64: false,
  bsonRegExp: false,
  raw: false,
  fieldsAsRaw: {},
  enableUtf8Validation: true,
  forceServerObjectId: false,
};

type Options = Readonly<Record<string, unknown>>;

/** What holds for all users of a client: when it is at fault, and why Foldline cannot work so. */
const ofClients: readonly { name: string; isFault(value: unknown): boolean; because: string }[] = [
  {
    name: 'retryWrites',
    isFault: (value) => value === false,
    because: 'a write that a new primary took would count as lost',
  },
  {
    name: 'retryReads',
    isFault: (value) => value === false,
    because: 'each election would fail requests that only read',
  },
  {
    name: 'autoEncryption',
    isFault: (value) => value !== undefined,
    because: 'events would be stored in another form than consumers read them',
  },
  {
    name: 'loadBalanced',
    isFault: (value) => value === true,
    because: 'the end of a transaction could not be asked of the server that has it',
  },
  {
    name: 'serverApi',
    isFault: (value) => (Object(value) as { strict?: unknown }).strict === true,
    because: 'with `strict` the server refuses killSessions, which ends a transaction after a lost answer',
  },
];

/**
 * The client for Foldline's use. `close` leaves the client open, because others made it.
 *
 * @throws Error in one sentence when the client has an option that cannot be set for one user of it, when no primary of a replica set
 * answers, or when the client is of another copy of the driver
 */
export async function useGivenClient(client: MongoClient): Promise<MongoUse> {
  if (!(client instanceof MongoClient))
    throw new Error(
      'The given client is no MongoClient of the package mongodb that Foldline uses: install one copy of mongodb, and give a client of it.',
    );
  const options = client.options as unknown as Options;
  const given = { ...options, autoEncryption: options.autoEncryption ?? options.autoEncrypter };
  const faults = ofClients.filter(({ name, isFault }) => isFault((given as Options)[name]));
  if (faults.length > 0)
    throw new Error(
      `The given MongoClient has options that Foldline cannot set for itself: ${faults
        .map(({ name, because }) => `${name} (${because})`)
        .join('; ')}; make a MongoClient without them for Foldline, or leave the client out and set MONGODB_URI.`,
    );
  await assertPrimary(client);
  return {
    db: (name, more) => client.db(name, { ...ofDatabases, readPreferenceTags: undefined, ...more } as DbOptions),
    startSession: (...args) => client.startSession(...args),
    close: async () => undefined,
  };
}

async function assertPrimary(client: MongoClient): Promise<void> {
  const hello = await client
    .db('admin')
    .command({ hello: 1 }, { readPreference: 'primary' })
    .catch((cause: Error) => {
      throw new Error(
        `No MongoDB answered through the given MongoClient (${cause.message}): start the server, or correct the address of the client.`,
        { cause },
      );
    });
  if (hello.setName === undefined && hello.msg !== 'isdbgrid')
    throw new Error(
      'The given MongoClient leads to a server that is no member of a replica set, and has neither transactions nor change streams: start the server with --replSet, or give a client of a replica set.',
    );
  if (hello.isWritablePrimary !== true)
    throw new Error(
      'The given MongoClient leads to a member that is not the primary: leave directConnection out of its options, and name the replica set in its address.',
    );
}
