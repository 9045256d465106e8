// Code that a page quotes from a test or a source, so that it cannot go stale:
// `<!-- code: test/x.test.ts#name -->` before a fenced block, `// #region name` and `// #endregion` around the lines in the file.
// Without a name the whole file is quoted, such as the kept output of a command.

const quoted = /^<!-- code: ([^\s#]+)(?:#(\S+))? -->\n```(\w+)\n[\s\S]*?^```$/gm;

/** The page with every quoted block as its source has it now. @throws Error naming a region that is not there */
export function withQuotedCode(page: string, read: (path: string) => string): string {
  return page.replace(quoted, (_, path: string, name: string | undefined, language: string) => {
    const region = name === undefined ? read(path).trimEnd() : regionOf(read(path), name);
    if (region === undefined) throw new Error(`${path} has no region ${name}.`);
    const place = name === undefined ? path : `${path}#${name}`;
    return `<!-- code: ${place} -->\n\`\`\`${language}\n${region}\n\`\`\``;
  });
}

/** The lines of a region, as far to the left as they go; undefined when it has not both ends. */
export function regionOf(source: string, name: string): string | undefined {
  const lines = source.split('\n');
  const begin = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  const end = lines.findIndex((line, at) => at > begin && line.trim() === '// #endregion');
  if (begin < 0 || end < 0) return undefined;
  const region = lines.slice(begin + 1, end);
  const indents = region.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  return region.map((line) => line.slice(Math.min(...indents))).join('\n');
}
