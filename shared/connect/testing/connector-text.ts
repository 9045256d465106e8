// Connector files for tests: the shipped ones, and ways to spoil them in one place at a time.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectorShape } from '../connector-shape.ts';

/** Where this repository keeps what it ships. */
const shipped = join(__dirname, '..', '..', '..', 'connect');

/** The shipped connector of this name. */
export function connectorShape(name = 'user-events'): ConnectorShape {
  return JSON.parse(readFileSync(join(shipped, 'connectors', `${name}.json`), 'utf8'));
}

export function connectorText(shape: unknown = connectorShape()): string {
  return `${JSON.stringify(shape, null, 2)}\n`;
}

/** `patch` laid over `target` (RFC 7396, JSON Merge Patch): objects are merged, null takes a key out. */
export function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface LintExample {
  /** The rule that it breaks. */
  readonly rule: string;
  /** Of the connector, and of its file. */
  readonly name: string;
  readonly text: string;
}

/** The examples of `connect/lint-examples`: each is a patch to the shipped file that it names, and breaks the rule it is called after. */
export function lintExamples(): LintExample[] {
  const folder = join(shipped, 'lint-examples');
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const patch: { name: string } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      return {
        rule: file.replace(/\.json$/, ''),
        name: patch.name,
        text: connectorText(merged(connectorShape(patch.name), patch)),
      };
    });
}
