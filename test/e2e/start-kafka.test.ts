// Goal: `npm start` on real Kafka and Connect prints its steps and examples, and the examples work as printed.
// Method: the built entry as a process of its own, on a temporary DATA_DIR and any free ports.
import { expectExamplesFilledIn } from './support/examples-are-filled-in.ts';
import {
  endWhatRuns,
  recordedProcesses,
  runPrintedExamples,
  startSystemProcess,
  temporaryDataDir,
} from './support/npm-start.ts';

const limitMs = 300_000;
jest.setTimeout(2 * limitMs);

test('the system on real Kafka serves the printed examples and ends on Ctrl-C', async () => {
  const dataDir = await temporaryDataDir();
  try {
    const started = startSystemProcess(['--kafka'], {
      DATA_DIR: dataDir.path,
      USER_SERVICE_PORT: '0',
      SHOPPING_SERVICE_PORT: '0',
      // Meant for brokers of others; the one that is started here has neither.
      KAFKA_TLS: 'true',
      KAFKA_SASL_USERNAME: 'shop',
    });
    const ready = await started.whenReady(limitMs);
    expect(ready).toMatchObject({
      mode: 'kafka',
      kafka: expect.stringMatching(/:\d+$/),
      connect: expect.stringMatching(/^http:/),
    });
    for (const step of ['mongodb', 'kafka', 'connect', 'connectors', 'user-service', 'shopping-service']) {
      expect(started.output()).toMatch(new RegExp(`^✔ ${step} `, 'm'));
    }
    expectExamplesFilledIn(await runPrintedExamples(started.output()));
    started.signal('SIGINT');
    expect(await started.exitCode).toBe(0);
    expect(await recordedProcesses(dataDir.path)).toEqual([]);
  } finally {
    await endWhatRuns();
    await dataDir.remove();
  }
});
