// The process: reads the settings, starts the service, listens, and ends on a signal. A fault at the start is one sentence.
import { createLogger, listen, stopOnSignals } from 'foldline/fastify';
import { block, openOutput } from 'foldline/terminal';
import { startShoppingService } from './app.ts';
import { readConfig } from './config.ts';

async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger({ name: 'shopping-service', level: config.LOG_LEVEL });
  const service = await startShoppingService(config, logger);
  const server = await listen(service.app, {
    host: config.HOST,
    port: config.SHOPPING_SERVICE_PORT,
    onClose: () => service.close(),
  });
  stopOnSignals(server, { withinMs: 15_000, logger });
  logger.info({ url: server.url }, 'shopping-service is ready');
}

main().catch((error: unknown) => {
  const said = `shopping-service did not start: ${error instanceof Error ? error.message : String(error)}`;
  openOutput(process).stderr(block(said));
  process.exit(1);
});
