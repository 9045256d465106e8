// `npm run example -- <name>`: brings one example up on this machine, with commands to try, and ends it on Ctrl-C.
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { printExamples, runInForeground, startStack, systemSettings } from '@foldline/system';
import { openDataDir } from 'foldline/config';
import { reasonOf } from 'foldline/engine';
import { block, commandOutput, openOutput } from 'foldline/terminal';
import { channelGroups } from './channel-groups/example.ts';
import { type Example, urlsOf } from './example.ts';
import { festival } from './festival/example.ts';

const examples: readonly Example[] = [channelGroups, festival];
const names = examples.map(({ name }) => name).join(', ');

const output = openOutput(process);

const command = new Command('npm run example --')
  .configureOutput(commandOutput(output))
  .description('Starts an example on MongoDB, Kafka and Kafka Connect on this machine.')
  .argument('<name>', `one of ${names}`)
  .addHelpText(
    'after',
    `
${examples.map(({ name, says }) => `  ${name.padEnd(16)} ${says}`).join('\n')}

Needs Java 17+ and Maven. Its data is kept in DATA_DIR/examples/<name> (.foldline) between starts.`,
  );

async function main(): Promise<void> {
  const [name = ''] = command.parse().processedArgs;
  const example = examples.find((one) => one.name === name);
  if (!example) throw new Error(`there is no example ${name}; there are ${names}`);
  const settings = systemSettings();
  const dataDir = join(settings.dataDir, 'examples', example.name);
  const { connectors, services } = example;
  await openDataDir(settings.dataDir);
  await runInForeground(
    output,
    (hooks) => startStack({ ...settings, ...hooks, dataDir, connectors, services, kafka: true }),
    (stack) => {
      printExamples(example.trials(urlsOf(stack)), output);
      const urls = Object.fromEntries([...stack.services].map(([service, { url }]) => [service, url]));
      output.stdout(['', 'Ctrl-C ends everything.', '']);
      output.stdout(`ready ${JSON.stringify({ example: name, ...urls })}`);
    },
  );
}

main().catch((error: unknown) => {
  output.stderr(block(`The example did not start: ${reasonOf(error)}`));
  process.exit(1);
});
