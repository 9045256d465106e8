// Every rule that a file alone can break. Pure.
import type { ConnectorShape } from '../connector-file.ts';
import { doubtRules } from './doubt-rules.ts';
import type { Broken } from './finding.ts';
import { recordRules } from './record-rules.ts';
import { settingsRules } from './settings-rules.ts';
import { streamRules } from './stream-rules.ts';
import { topicRules } from './topic-rules.ts';

const fileRules = [...settingsRules, ...recordRules, ...streamRules, ...topicRules, ...doubtRules];

export function brokenByFile(spec: ConnectorShape): Broken[] {
  return fileRules.flatMap((rule) => rule(spec));
}
