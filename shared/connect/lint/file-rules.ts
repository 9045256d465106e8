// Every rule that a file alone can break. Pure.
import type { ConnectorShape } from '../connector-shape.ts';
import { doubtRules } from './doubt-rules.ts';
import type { Broken } from './finding.ts';
import { recordRules } from './record-rules.ts';
import { anyFileRules, settingsRules } from './settings-rules.ts';
import { streamRules } from './stream-rules.ts';
import { topicRules } from './topic-rules.ts';

const fileRules = [...settingsRules, ...recordRules, ...streamRules, ...topicRules, ...doubtRules];

/** What holds for a connector of any class. */
export function brokenByAnyFile(spec: Pick<ConnectorShape, 'config'>): Broken[] {
  return anyFileRules.flatMap((rule) => rule(spec));
}

export function brokenByFile(spec: ConnectorShape): Broken[] {
  return fileRules.flatMap((rule) => rule(spec));
}
