// Keeps a consumer's place in its group while it works on a batch for longer than its session: one that waits for a server, or for
// an operator who paused what it feeds.

/** A heartbeat that fails shows at the next commit or fetch. */
export async function whileBeating<T>(
  heartbeat: () => Promise<void>,
  heartbeatEveryMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const beating = setInterval(() => void heartbeat().catch(() => undefined), heartbeatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(beating);
  }
}
