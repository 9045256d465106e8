// `npm run admin -- …` as an operator runs it: the built entry as a process of its own, against the services of one system.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { TestSystem } from './test-system.ts';

const entry = join(resolve(__dirname, '..', '..', '..'), 'shared', 'dist', 'bin', 'main.js');
const limitMs = 300_000;

export interface AdminRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line to its end. @param token where the services have tokens */
export function runAdmin(
  { ready, token = '' }: Pick<TestSystem, 'ready'> & { readonly token?: string },
  ...args: readonly string[]
): Promise<AdminRun> {
  const addresses = { USER_SERVICE_URL: ready.userService, SHOPPING_SERVICE_URL: ready.shoppingService };
  return runAdminIn(process.cwd(), { ...addresses, ADMIN_TOKEN: token }, args);
}

/** The same in any folder, with no more of the environment than this. */
export function runAdminIn(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<AdminRun> {
  const around = { ...env, PATH: process.env.PATH ?? '', npm_lifecycle_event: 'admin' };
  return new Promise((done, failed) => {
    execFile(
      process.execPath,
      [entry, 'admin', ...args],
      { cwd, env: around, timeout: limitMs },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') done({ code, stdout, stderr });
        else failed(error);
      },
    );
  });
}
