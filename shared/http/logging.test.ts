// Goal: a line of the log is one line of JSON on any terminal, whatever was logged. Method: a logger whose lines are kept.
import { hostileText, obeyedIn } from '../testing/workspace/index.ts';
import { createLogger } from './logging.ts';

test('hazard: a log that is looked at in a terminal clears it, or runs backwards; the values stay what they were', () => {
  const lines: string[] = [];
  const logger = createLogger({ name: 'hostile', level: 'info' }, { write: (line) => lines.push(line) });
  logger.info({ subject: hostileText, err: new Error(hostileText) }, hostileText);
  const [line = ''] = lines;
  expect([lines.length, line.split('\n').length, line.endsWith('}\n')]).toEqual([1, 2, true]);
  expect(obeyedIn(line)).toEqual([]);
  expect(JSON.parse(line)).toMatchObject({ subject: hostileText, msg: hostileText, err: { message: hostileText } });
});
