// A service as a process: listens, ends on a signal, and says in one sentence why it did not start.

import { kafkaSecurity } from '../config/index.ts';
import { reasonOf } from '../engine/index.ts';
import { assertSafeBinding, createLogger, type HttpApp, listen, parseApiTokens, stopOnSignals } from '../http/index.ts';
import { block, openOutput } from '../terminal/index.ts';
import type { ServiceLogger } from './open-service.ts';
import type { ServiceConfig } from './settings.ts';

const STOP_WITHIN_MS = 15_000;

export interface StartedService {
  readonly app: HttpApp;
  /** Stops what runs besides the app, which is closed before. */
  close(): Promise<void>;
}

type Config = ServiceConfig & { readonly PORT: number };

export type StartService<C extends Config = Config> = (config: C, logger: ServiceLogger) => Promise<StartedService>;

/**
 * Runs the service that the first argument of the process names, until it is told to end.
 * A fault at the start is one sentence, and ends the process with 1.
 */
export function runService<C extends Config>(
  services: Readonly<Record<string, StartService<C>>>,
  readConfig: () => C,
): void {
  const [, , name = ''] = process.argv;
  async function run(): Promise<void> {
    const start = services[name];
    if (!start) throw new Error(`there is no service "${name}"; there are ${Object.keys(services).join(', ')}`);
    const config = readConfig();
    assertSafeBinding(config.HOST, parseApiTokens(config.API_TOKENS));
    kafkaSecurity(config, config.KAFKA_BROKERS);
    const logger = createLogger({ name, level: config.LOG_LEVEL });
    const service = await start(config, logger);
    const onClose = () => service.close();
    const server = await listen(service.app, { host: config.HOST, port: config.PORT, onClose });
    stopOnSignals(server, { withinMs: STOP_WITHIN_MS, logger });
    logger.info({ url: server.url }, `${name} is ready`);
  }
  run().catch((error: unknown) => {
    const said = `${name} did not start: ${reasonOf(error)}`;
    openOutput(process).stderr(block(said));
    process.exit(1);
  });
}
