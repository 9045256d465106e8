// Notices what kafkajs does not throw: a crash behind `run`, and a connection on which nothing comes back any more.
import type { Consumer } from 'kafkajs';

export interface ConsumerWatch {
  /** Resolves when `signal` aborts, rejects with what ended the consumer before. */
  readonly ended: Promise<void>;
  /** Work on a batch is no silence. */
  busy(work: () => Promise<void>): Promise<void>;
  stop(): void;
}

export function watchConsumer(consumer: Consumer, silentAfterMs: number, signal: AbortSignal): ConsumerWatch {
  let heardMs = Date.now();
  let busy = 0;
  let end: (error?: Error) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  ended.catch(() => undefined);
  const heard = () => {
    heardMs = Date.now();
  };
  const off = [
    consumer.on(consumer.events.FETCH, heard),
    consumer.on(consumer.events.HEARTBEAT, heard),
    consumer.on(consumer.events.CRASH, ({ payload }) => end(payload.error)),
    consumer.on(consumer.events.STOP, () => end(new Error('The consumer stopped.'))),
  ];
  const timer = setInterval(() => {
    if (busy === 0 && Date.now() - heardMs > silentAfterMs)
      end(new Error(`The consumer heard nothing from the broker for ${silentAfterMs} ms.`));
  }, 1000);
  const stopped = () => end();
  if (signal.aborted) stopped();
  signal.addEventListener('abort', stopped, { once: true });
  return {
    ended,
    async busy(work) {
      busy += 1;
      try {
        await work();
      } finally {
        busy -= 1;
        heard();
      }
    },
    stop() {
      clearInterval(timer);
      signal.removeEventListener('abort', stopped);
      for (const remove of off) remove();
    },
  };
}
