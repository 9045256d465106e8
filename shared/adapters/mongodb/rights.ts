// Tells "the server does not let us do this" from every other refusal, and names the command without what it was to work on.
import { MongoServerError } from 'mongodb';

const unauthorized = 13;

/** What may not be done, as the server says it; undefined for every other error. */
export function lackOfRights(error: unknown): string | undefined {
  if (!(error instanceof MongoServerError) || error.code !== unauthorized) return undefined;
  // `not authorized on users to execute command { insert: "UserEvents", documents: … }`: the rest may be somebody's data.
  return error.message.replace(/\{ (\w+)(: "[^"]*")?.*$/s, '$1$2');
}
