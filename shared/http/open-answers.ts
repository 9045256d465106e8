// Which requests of a socket wait for the end of their answers: what a socket is worth follows from that, and what may be written to
// it besides. Holds nothing for a socket that is gone.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Asked {
  /** Not answered to its end. */
  readonly open: Set<ServerResponse>;
  /** The answer to the newest request. */
  last: ServerResponse;
}

const bySocket = new WeakMap<Socket, Asked>();

/** Undefined until a whole header came on this socket. */
export const askedOn = (socket: Socket): Asked | undefined => bySocket.get(socket);

/** @param whenAnswered called after each answer of a socket, with what is left open there */
export function watchAnswers(server: Server, whenAnswered: (socket: Socket) => void): void {
  server.on('request', ({ socket }, response) => {
    const asked = bySocket.get(socket) ?? { open: new Set(), last: response };
    bySocket.set(socket, asked);
    asked.last = response;
    asked.open.add(response);
    response.once('close', () => {
      asked.open.delete(response);
      whenAnswered(socket);
    });
  });
}
