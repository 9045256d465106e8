// An owner of users that keeps those waiting who ask for all its events, until a test lets it answer. Everything is answered by the
// real user-service.
import { once } from 'node:events';
import { startLocalServer } from 'foldline/testing/workspace';

export interface SlowOwner {
  readonly url: string;
  /** How often all its events were asked for. */
  asked(): number;
  /** From now on nobody waits. */
  answer(): void;
  close(): Promise<void>;
}

export async function startSlowOwner(userService: string): Promise<SlowOwner> {
  const opened = new EventTarget();
  let isOpen = false;
  let asked = 0;
  const server = await startLocalServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', userService);
    if (pathname === '/origin/user/events' && !searchParams.has('subject')) {
      asked += 1;
      if (!isOpen) await once(opened, 'open');
    }
    const answer = await fetch(new URL(request.url ?? '', userService));
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  });
  return {
    url: server.url,
    asked: () => asked,
    answer() {
      isOpen = true;
      opened.dispatchEvent(new Event('open'));
    },
    close: server.close,
  };
}
