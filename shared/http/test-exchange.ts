// A bare socket for this folder's tests: what a well-behaved client would never send.
import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends text over a bare socket and returns everything that came back until the other side closed. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    received += chunk;
  });
  // A reset after the answer is one way for the other side to close.
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return received;
}
