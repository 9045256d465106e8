// Goal: no text from elsewhere moves the cursor, sets a colour, turns the direction or makes a line of its own, in text and in JSON;
// the colours and lines of the program itself are as they were.
// Method: the streams keep the bytes that a terminal would get, and those are looked through for everything that it would obey.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { keptOutput, obeyedIn } from '../testing/workspace/index.ts';
import { block, commandOutput, json, visible } from './index.ts';

const hostile: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['a sequence that clears the screen', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
  ['a colour', '\u001b[32mok\u001b[0m', '\\u001b[32mok\\u001b[0m'],
  ['a link that shows another address', '\u001b]8;;http://evil\u0007here', '\\u001b]8;;http://evil\\u0007here'],
  ['a C1 sequence, without an escape character', 'a\u009b2Jb\u009d0;title\u009c', 'a\\u009b2Jb\\u009d0;title\\u009c'],
  ['a forged line', 'x\nFORGED', 'x\\nFORGED'],
  ['a line that is written over', 'failed\rok', 'failed\\rok'],
  ['a line end of Unicode, or of C1', 'a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\u0085d'],
  ['backspaces and delete', 'evil\b\b\b\bgood\u007f', 'evil\\u0008\\u0008\\u0008\\u0008good\\u007f'],
  ['a text that runs backwards', 'user\u202egpj.exe', 'user\\u202egpj.exe'],
  ['an isolate', '\u2066a\u2069\u061c\u200e\u200f', '\\u2066a\\u2069\\u061c\\u200e\\u200f'],
  ['what cannot be seen', 'user\u200b-events\ufeff\u00ad\u2060', 'user\\u200b-events\\ufeff\\u00ad\\u2060'],
  ['what cannot be seen, beyond the first plane', 'a\u{e0041}', 'a\\udb40\\udc41'],
  ['fillers that are letters by name', 'user\u3164-events\u115f\uffa0', 'user\\u3164-events\\u115f\\uffa0'],
  ['marks that nobody sees', 'user\u034f\u180b\u17b4', 'user\\u034f\\u180b\\u17b4'],
  ['a message in a row of selectors', '\u2764\ufe0f\ufe01\u{e0100}', '\u2764\ufe0f\\ufe01\\udb40\\udd00'],
  ['a message in variation selectors', 'a\u{e0100}\ufe0f', 'a\\udb40\\udd00\\ufe0f'],
  ['joiners where nothing joins', 'user\u200d-events\u200c', 'user\\u200d-events\\u200c'],
  ['signs between lines', 'a\ufff9b\ufffac\ufffb', 'a\\ufff9b\\ufffac\\ufffb'],
  ['half a character', 'a\ud800b', 'a\\ud800b'],
  ['a tab that moves a column', 'a\tb', 'a\\tb'],
];

test.each(hostile)('%s is shown, not obeyed', (_, text, shown) => {
  expect(visible(text)).toBe(shown);
  expect(visible(shown)).toBe(shown);
  for (const stream of ['stdout', 'stderr'] as const) {
    const { output, said } = keptOutput({ isTTY: true });
    output[stream](['before', `name: ${text}`, output.colors.red(text)]);
    const { out, err } = said();
    const printed = (out + err).split('\n');
    expect([printed.length, printed[1]]).toEqual([3, `name: ${shown}`]);
    expect(printed[2]).toBe(`\u001b[31m${shown}\u001b[39m`);
  }
});

test.each(hostile)('%s stays what it is in JSON that is printed', (_, text) => {
  const { output, said } = keptOutput();
  const value = { [text]: [text, { deep: text }] };
  output.stdout(json(value));
  output.stdout(JSON.stringify(value));
  const [line = '', ...document] = said().out.split('\n').reverse();
  expect(obeyedIn(said().out)).toEqual([]);
  expect(JSON.parse(line)).toEqual(value);
  expect(JSON.parse(document.reverse().join('\n'))).toEqual(value);
});

test('the oracle of these tests finds what a terminal obeys', () => {
  for (const [what, text] of hostile)
    if (!what.startsWith('half')) expect([what, obeyedIn(text).length]).not.toContain(0);
  expect(obeyedIn('Zoë\n')).toEqual([]);
});

test('what people write is left as it is', () => {
  for (const text of [
    'Zoë Müller',
    '山田太郎',
    'می‌خواهم',
    '👩‍👩‍👧',
    '❤️',
    '1️⃣',
    'क्‍ष',
    '葛\u{e0100}',
    'a\\nb',
    'שלום',
    '',
  ])
    expect([text, visible(text)]).toEqual([text, text]);
});

test('colours that were sent are no colours, whatever is around them', () => {
  const { output, said } = keptOutput({ isTTY: true });
  output.stdout(`${output.colors.green('ok')} ${output.colors.dim('\u001b[31mred\u001b[39m')}`);
  expect(said().out).toBe('\u001b[32mok\u001b[39m \u001b[2m\\u001b[31mred\\u001b[39m\u001b[22m');
});

test('a bar that is written over keeps its own sequence only', () => {
  const { output, said } = keptOutput({ isTTY: true });
  output.rewrite?.('scanning a\u001b[2Jb\n');
  expect(said().err).toBe('\r\u001b[Kscanning a\\u001b[2Jb\\n');
});

test('a message of several lines is one block: no line of it reads as another message', () => {
  expect(block('it ended:\nall run\n  indented\n')).toEqual(['it ended:', '  all run', '  indented']);
  const { output, said } = keptOutput();
  output.stderr(block('one\r\ntwo\u001b[2J'));
  expect(said().err).toBe('one\\r\n  two\\u001b[2J');
});

test('help keeps its lines, and a fault that repeats what was typed is one block', () => {
  const { output, said } = keptOutput();
  const { writeOut, outputError } = commandOutput(output);
  writeOut('Usage: x\n\nOptions:\n');
  outputError("error: unknown option '--a\nall run\u001b[2J'\n");
  expect(said()).toEqual({
    out: 'Usage: x\n\nOptions:',
    err: "error: unknown option '--a\n  all run\\u001b[2J'",
  });
});

const root = join(__dirname, '..', '..');

test.each([
  ['while it runs', 'setTimeout(() => { throw new Error(text); }, 1); await new Promise(() => {})'],
  ['at its end', 'throw new Error(text)'],
  ['in a promise that nobody waits for', 'Promise.reject(new Error(text)); await new Promise(() => {})'],
])('hazard: a fault that nobody foresaw, %s, is printed by Node as it is', (_, fault) => {
  const script = `import { openTerminal } from './shared/dist/terminal/index.js';
    openTerminal(process); const text = 'a\\u001b[2J\\nall run'; setInterval(() => {}, 1000); ${fault}`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(status).toBe(1);
  expect(stderr).toContain('Error: a\\u001b[2J\n  all run');
  expect(obeyedIn(stderr)).toEqual([]);
});
