// What every command line has around it: streams, colours, signals, and a question where a person can answer.
export { agreed, type Confirm } from './agreed.ts';
export { openTerminal, type Process, type Terminal } from './open-terminal.ts';
