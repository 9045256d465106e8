// The process: reads the settings, starts the service, listens, and ends on a signal. A fault at the start is one sentence.
import { createLogger, listen, stopOnSignals } from 'foldline/fastify';
import { block, openOutput } from 'foldline/terminal';
import { startUserService } from './app.ts';
import { readConfig } from './config.ts';

async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger({ name: 'user-service', level: config.LOG_LEVEL });
  const service = await startUserService(config, logger);
  const server = await listen(service.app, {
    host: config.HOST,
    port: config.USER_SERVICE_PORT,
    onClose: () => service.close(),
  });
  stopOnSignals(server, { withinMs: 15_000, logger });
  logger.info({ url: server.url }, 'user-service is ready');
}

main().catch((error: unknown) => {
  const said = `user-service did not start: ${error instanceof Error ? error.message : String(error)}`;
  openOutput(process).stderr(block(said));
  process.exit(1);
});
