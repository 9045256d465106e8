// Finds the files that lie beside the sources (pom.xml, checksums, log settings), from the sources as from dist/.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SystemFailure } from './failure.ts';

/** The folder of the system workspace: the nearest one upwards that holds a package.json. */
export const systemFolder = (from: string = import.meta.dirname): string => {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new SystemFailure(`no package.json lies above ${from}: is the checkout complete?`);
    folder = parent;
  }
  return folder;
};

/** The absolute path of a file in `system/kafka`. */
export const kafkaFile = (name: string): string => join(systemFolder(), 'kafka', name);
