// For tests that look at what is done, not at what is said.
import type { Logger } from '../engine/index.ts';

export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
