// What a command line prints, kept: through the real output, as it would reach a terminal or a file.
import { Writable } from 'node:stream';
import { type Output, openOutput } from '../../terminal/index.ts';

export interface KeptOutput {
  readonly output: Output;
  /** What was written so far, without the last line end. */
  said(): { readonly out: string; readonly err: string };
}

const ignored = { once: () => {}, exit: () => {} };

export function keptOutput({ isTTY = false } = {}): KeptOutput {
  const written = { out: '', err: '' };
  const streamOf = (name: keyof typeof written) =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          written[name] += String(chunk);
          done();
        },
      }),
      { isTTY },
    );
  const output = openOutput({ env: {}, stdout: streamOf('out'), stderr: streamOf('err'), ...ignored });
  const last = /\n$/;
  return { output, said: () => ({ out: written.out.replace(last, ''), err: written.err.replace(last, '') }) };
}
