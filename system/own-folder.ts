// Finds the files that lie beside the sources (pom.xml, checksums, log settings), from the sources as from dist/.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RuntimeFailure } from './failure.ts';

/** The folder of the connect workspace: the nearest one upwards that holds a package.json. */
export const connectFolder = (from: string = import.meta.dirname): string => {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new RuntimeFailure(`no package.json lies above ${from}: is the checkout complete?`);
    folder = parent;
  }
  return folder;
};

/** The absolute path of a file in `connect/runtime`. */
export const runtimeFile = (name: string): string => join(connectFolder(), 'runtime', name);
