// Every rule that a file alone can break. Pure.
import type { ConnectorShape } from '../connector-file.ts';
import type { Broken } from './finding.ts';
import { recordRules } from './record-rules.ts';
import { settingsRules } from './settings-rules.ts';
import { streamRules } from './stream-rules.ts';
import { topicRules } from './topic-rules.ts';

export function brokenByFile(spec: ConnectorShape): Broken[] {
  return [...settingsRules, ...recordRules, ...streamRules, ...topicRules].flatMap((rule) => rule(spec));
}
