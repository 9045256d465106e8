// Goal: what `npm start` prints to try works as it is printed, where services ask for tokens too, and shows no token.
// Method: a shell runs the printed lines, with a curl that only prints what it would send.
import { execFileSync } from 'node:child_process';
import { curlExamples } from './curl-examples.ts';

/** What each command would have curl send. */
function argumentsOf(command: string): string[] {
  const script = `curl() { printf '%s\\n' "$@"; }; TOKEN=the-token; ${command}`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n');
}

const examples = (withToken: boolean) => curlExamples('http://127.0.0.1:3001', 'http://127.0.0.1:3002', { withToken });

test('where services ask for tokens, every request carries the one that the reader typed', () => {
  const [first, ...others] = examples(true);
  expect(first?.command).toBe('read -rs TOKEN');
  for (const { command } of others) {
    const sent = argumentsOf(command);
    const requests = sent.filter((each) => each.startsWith('http://')).length;
    expect([command, sent.filter((each) => each === 'Authorization: Bearer the-token').length]).toEqual([
      command,
      requests,
    ]);
  }
});

test('where they do not, no request does', () => {
  for (const { command } of examples(false)) expect(command).not.toMatch(/TOKEN|Authorization/);
});
