// A small server that plays another service: a test says what it answers.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalServer {
  readonly url: string;
  close(): Promise<void>;
}

/** On loopback, at any free port. */
export async function startLocalServer(answer: RequestListener): Promise<LocalServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface JsonServer extends LocalServer {
  /** In order, for example `POST /things {"name":"a"}`. */
  readonly asked: readonly string[];
}

/** Answers each method and path as JSON, and with 404 where there is nothing to say. */
export async function startJsonServer(
  answer: (method: string, path: string) => object | undefined,
): Promise<JsonServer> {
  const asked: string[] = [];
  const server = await startLocalServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      asked.push(`${method} ${url} ${Buffer.concat(chunks)}`.trim());
      const body = answer(method, url);
      response.statusCode = body ? 200 : 404;
      response.end(JSON.stringify(body ?? { code: 'not-found', detail: `nothing at ${url}` }));
    });
  });
  return { ...server, asked };
}
