// `Prefer: wait=<seconds>` (RFC 7240, section 4.3): how long a caller would wait for a read model to catch up.
// A preference is a wish: what cannot be understood is passed over, never refused.
import { type EdgeReply, type EdgeRequest, headerOf } from './request-context.ts';

const waitLimitSeconds = 30;
const preference = /^[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?/;
const listMembers = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g;

/** The seconds of the first `wait` in a Prefer header, at most 30; undefined when it asks for none. */
export function parsePreferWait(header: string | undefined): number | undefined {
  for (const member of (header ?? '').match(listMembers) ?? []) {
    const [, name, quoted, bare] = preference.exec(member) ?? [];
    if (name?.toLowerCase() !== 'wait') continue;
    const seconds = quoted ?? bare ?? '';
    // RFC 7240, section 2: of repeated preferences the first one counts.
    return /^[0-9]{1,9}$/.test(seconds) ? Math.min(Number(seconds), waitLimitSeconds) : undefined;
  }
  return undefined;
}

/** The milliseconds this request would wait, 0 when it would not; says so in `Preference-Applied`. */
export function applyPreferWait(request: EdgeRequest, reply: EdgeReply): number {
  const seconds = parsePreferWait(headerOf(request, 'prefer'));
  if (seconds === undefined) return 0;
  reply.header('Preference-Applied', `wait=${seconds}`);
  return seconds * 1000;
}
