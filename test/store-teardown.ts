// Ends the mongod that the setup started.
export default async function tearDown(): Promise<void> {
  await globalThis.storeReplicaSet?.stop();
}
