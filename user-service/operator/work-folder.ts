// The folder of one import or adoption under DATA_DIR: what it is, the backup, what was refused, and its reports. A file is written under another
// name and renamed once it is whole, so that none is ever there by half; nobody but its owner reads what people's data are in.
import { access, copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataDir } from 'foldline/config';

export interface LinesFile {
  write(lines: readonly string[]): Promise<void>;
  /** Makes the file appear under its name. */
  finish(): Promise<void>;
  /** Leaves nothing. */
  discard(): Promise<void>;
}

export interface WorkFolder {
  readonly path: string;
  /** Makes it, and tries. What keeps a file from being written there is found before anybody is asked, and before anything is stored. */
  assertWritable(): Promise<void>;
  has(name: string): Promise<boolean>;
  /** Undefined when there is no such file. */
  json(name: string): Promise<unknown>;
  /** Keeps what was there as `<name>-<n>.json`, counting from 1. */
  writeJson(name: string, value: unknown): Promise<void>;
  lines(name: string): Promise<LinesFile>;
  /** Keeps a file that is about to be written anew as `<name>-<n>`. */
  keepEarlier(name: string): Promise<void>;
}

/** Made on the disk with its first file. */
export function workFolder(dataDir: string, name: string): WorkFolder {
  const path = join(dataDir, 'imports', name);
  const at = (name: string) => join(path, name);

  async function text(name: string): Promise<string | undefined> {
    try {
      return await readFile(at(name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async function lines(name: string): Promise<LinesFile> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const aside = at(`${name}.${process.pid}.tmp`);
    const file = await open(aside, 'w', 0o600);
    return {
      async write(some) {
        if (some.length > 0) await file.appendFile(`${some.join('\n')}\n`);
      },
      async finish() {
        await file.sync();
        await file.close();
        await rename(aside, at(name));
      },
      async discard() {
        await file.close();
        await rm(aside, { force: true });
      },
    };
  }

  const has = (name: string) =>
    access(at(name)).then(
      () => true,
      () => false,
    );

  return {
    path,
    has,
    async assertWritable() {
      await openDataDir(dataDir);
      await (await lines('try')).discard();
    },
    async json(name) {
      const found = await text(name);
      return found === undefined ? undefined : JSON.parse(found);
    },
    async writeJson(name, value) {
      await keepEarlier(name);
      const file = await lines(name);
      await file.write([JSON.stringify(value, null, 2)]);
      await file.finish();
    },
    lines,
    keepEarlier,
  };

  /** Copied and not moved: a report is there at any moment, also when the process is killed between the two. */
  async function keepEarlier(name: string): Promise<void> {
    if (!(await has(name))) return;
    const numbered = (n: number) => name.replace(/(\.\w+)$/, `-${n}$1`);
    let n = 1;
    while (await has(numbered(n))) n += 1;
    await copyFile(at(name), at(`${name}.${process.pid}.tmp`));
    await rename(at(`${name}.${process.pid}.tmp`), at(numbered(n)));
  }
}
