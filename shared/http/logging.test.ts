// Goal: a line of the log is one line of JSON on any terminal, whatever was logged. Method: a logger whose lines are kept.
import { hostileText, obeyedIn } from '../testing/workspace/index.ts';
import { createLogger, withoutAddresses } from './logging.ts';

test('hazard: a log that is looked at in a terminal clears it, or runs backwards; the values stay what they were', () => {
  const lines: string[] = [];
  const logger = createLogger({ name: 'hostile', level: 'info' }, { write: (line) => lines.push(line) });
  logger.info({ subject: hostileText, err: new Error(hostileText) }, hostileText);
  const [line = ''] = lines;
  expect([lines.length, line.split('\n').length, line.endsWith('}\n')]).toEqual([1, 2, true]);
  expect(obeyedIn(line)).toEqual([]);
  expect(JSON.parse(line)).toMatchObject({ subject: hostileText, msg: hostileText, err: { message: hostileText } });
});

test.each(['hunter2', 'hun@ter2', 'hun:ter2', 'hun/ter2', 'hun%40ter2', 'hun"ter2', 'h@un:t/er2'])(
  'hazard: a driver quotes its address, whose password is %s: nothing of the login is told',
  (password) => {
    const told = withoutAddresses(`cannot use mongodb://ada:${password}@db:27017/?tls=true: no answer`);
    expect(told).toMatch(/^cannot use mongodb:.*\?tls=true: no answer$/);
    expect(told).not.toMatch(/ada|hun|ter2/);
  },
);
