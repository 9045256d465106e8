// What a service needs to bring a verb of its own, and to try it.

export { block, tellFault } from '../terminal/index.ts';
export { runCli } from './cli.ts';
export { adminSettings } from './config.ts';
export { type Context, exitCodes, type Format, json, type Surroundings } from './context.ts';
export { AdminFailure, type AdminFailureCode, isAdminFailure } from './failure.ts';
export { type Progress, startProgress } from './progress.ts';
export { numberText, tableText } from './text.ts';
export { type AddVerb, outputOption } from './verbs/verb.ts';
