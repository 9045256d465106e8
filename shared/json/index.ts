// Reads JSON that others wrote, and points at what is wrong with it.
export { JsonFault, type JsonFaultKind, type JsonPath, type LocatedJson, parseLocatedJson } from './located-json.ts';
