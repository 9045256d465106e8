// Stands between a MongoDB client and its server. It loses answers: the server does the work, and the client never hears of it. It also
// freezes: connections stay open, and nothing passes. The server's own failpoints make neither, because they act on commands.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface LossyProxy {
  /** For a client; it names this proxy only, so that the driver does not find its way around it. */
  readonly uri: string;
  /** The next `times` answers to `command` end their connection instead of arriving. @returns how many were lost so far */
  lose(command: string, times: number): () => number;
  /** Nothing passes in either direction, and new connections are taken and not answered. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** @param mongodbUri of a replica set of one, without credentials */
export async function startLossyProxy(mongodbUri: string): Promise<LossyProxy> {
  const { hostname, port } = new URL(mongodbUri);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let loss = { name: Buffer.alloc(0), left: 0, lost: 0 };

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let doomed: typeof loss | undefined;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      if (isFrozen) socket.pause();
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (request) => {
      if (loss.left > 0 && request.includes(loss.name)) {
        loss.left -= 1;
        doomed = loss;
      }
      upstream.write(request);
    });
    upstream.on('data', (answer) => {
      if (!doomed) return client.write(answer);
      doomed.lost += 1;
      return client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    uri: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/?directConnection=true`,
    lose(command, times) {
      // A command begins with an element that bears its name.
      const mine = { name: Buffer.from(`${command}\0`), left: times, lost: 0 };
      loss = mine;
      return () => mine.lost;
    },
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
