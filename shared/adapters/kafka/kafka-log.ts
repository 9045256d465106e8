// kafkajs' own log lines in our logger; it reports every lost connection as an error, which here is a warning.
import { type logCreator, logLevel } from 'kafkajs';
import type { Logger } from '../../engine/index.ts';

export function kafkaLog(log: Logger): logCreator {
  return () =>
    ({ level, log: { message, error } }) => {
      if (level <= logLevel.WARN) log.warn({ kafka: String(error ?? '') }, message);
    };
}
