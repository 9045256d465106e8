// Where an adoption is run in tests: a database of users, and beside it one of a team's own with a collection of customers.
import { type Collection, type Document, MongoClient } from 'mongodb';
import { type ImportWorld, openImportWorld } from '../../testing/verb-runs.ts';
import type { AdoptionReport } from '../adoption-report.ts';

export interface AdoptionWorld extends Omit<ImportWorld, 'report'> {
  readonly client: MongoClient;
  readonly theirs: Collection<Document>;
  /** The arguments that adopt theirs. */
  args(map: object): string[];
  /** The report of a run that ends with 0. @throws Error with what it said when it does not */
  report(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<AdoptionReport>;
  /** Of what a run left in its folder. */
  leftOf(name: string): Promise<Document[]>;
}

export async function openAdoptionWorld(overrides: Readonly<Record<string, string>> = {}): Promise<AdoptionWorld> {
  const world = await openImportWorld(overrides, ['adopt']);
  const client = await new MongoClient(world.env.MONGODB_URI as string).connect();
  const theirs = client.db(`${world.env.USERS_DATABASE}_legacy`).collection('customers');
  return {
    ...world,
    client,
    theirs,
    args: (map) => ['--from', theirs.namespace, '--map', JSON.stringify(map)],
    leftOf: (name) => world.left(`adopt-${theirs.namespace}`, name),
    async report(args, env = {}) {
      const { code, out, err } = await world.run([...args, '-o', 'json'], { env: { ...world.env, ...env } });
      if (code !== 0) throw new Error(`It ended with ${code}: ${err}`);
      return JSON.parse(out);
    },
    async close() {
      await client.db(theirs.dbName).dropDatabase();
      await client.close();
      await world.close();
    },
  };
}
