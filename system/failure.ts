// The one error of the system: a server that cannot be had or does not start.
// Its message is one sentence that names what failed and what to do; the log's last lines may follow on their own lines.

/** A server cannot be found, started or reached; `message` is meant for the person at the terminal. */
export class SystemFailure extends Error {
  override readonly name = 'SystemFailure';
}
