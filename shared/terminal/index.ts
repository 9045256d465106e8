// What every command line has around it: streams, colours, signals, and a question where a person can answer.
export { CommandFailure, exitCodeOf, exitCodes, tellFault } from './command-failure.ts';
export {
  block,
  commandOutput,
  type Format,
  json,
  type Lines,
  type Output,
  openOutput,
  print,
  visible,
} from './open-output.ts';
export { agreed, type Confirm, openTerminal, type Process, type Terminal } from './open-terminal.ts';
