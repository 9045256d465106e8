// Two services that a folder names, as the root of this repository does, at addresses where nobody listens: tests set others.
import type { Brought } from '../cli.ts';

export const twoServices: Required<Pick<Brought, 'services'>> = {
  services: { 'user-service': { url: 'http://127.0.0.1:1' }, 'shopping-service': { url: 'http://127.0.0.1:1' } },
};

/** A DATA_DIR into which nothing was started. */
export const noDataDir = '/nowhere/foldline';
