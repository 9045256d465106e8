// What a service needs to bring a verb of its own, and to try it; and what an executable runs.

export { outputOption } from '../terminal/command-line.ts';
export { block, tellFault } from '../terminal/index.ts';
export { type Brought, runCli } from './cli.ts';
export { addressSettings, adminSettings } from './config.ts';
export { type Context, exitCodes, type Format, print, type Surroundings } from './context.ts';
export { AdminFailure, type AdminFailureCode, isAdminFailure } from './failure.ts';
export { runCliIn } from './folder.ts';
export { type Progress, startProgress } from './progress.ts';
export { numberText, tableText } from './text.ts';
export type { AddVerb } from './verbs/verb.ts';
