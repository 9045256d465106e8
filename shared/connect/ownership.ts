// The owner of a connector. A file names the owner in its config, Connect keeps the config, and so the worker can always be asked. Only a
// connector whose own config names the owner is ever pruned: a name, a topic or a likeness is not enough.

/** A key that Connect passes on unread. */
export const ownerKey = 'foldline.owner';

export function ownerOf(config: Readonly<Record<string, string>>): string | undefined {
  return config[ownerKey] || undefined;
}

/** The connectors of the worker that belong to an owner of these files and stand in none of them, by name. */
export function straysOf(
  files: readonly { readonly name: string; readonly config: Readonly<Record<string, string>> }[],
  configs: ReadonlyMap<string, Readonly<Record<string, string>>>,
): string[] {
  const owners = new Set(files.map(({ config }) => ownerOf(config)).filter((owner) => owner !== undefined));
  const names = new Set(files.map(({ name }) => name));
  return [...configs]
    .filter(([name, config]) => !names.has(name) && owners.has(ownerOf(config) ?? ''))
    .map(([name]) => name)
    .sort();
}
