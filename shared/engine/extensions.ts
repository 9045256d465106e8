// CloudEvents extension attributes that an event carries from its cause to the events that follow from it. The attributes are declared
// here once: the envelope, commands and sagas take these names and no others. A malformed attribute is left out and is never a fault.

/** Each name is that of CloudEvents: lower-case letters and digits, at most 20. */
interface Declared {
  readonly description: string;
  /** The value as it is stored; undefined when the text has not the form. */
  read(text: string): string | undefined;
  /** Another attribute that must be present, because this one means nothing without it. */
  readonly besides?: string;
}

/** The distributed tracing extension: the two headers of W3C Trace Context. */
const declared = {
  traceparent: { description: 'The trace that the event belongs to, as W3C Trace Context has it', read: traceparentIn },
  tracestate: {
    description: 'What the tools of the trace say of it, as W3C Trace Context has it',
    read: tracestateIn,
    besides: 'traceparent',
  },
} as const satisfies Readonly<Record<string, Declared>>;

export type ExtensionName = keyof typeof declared;

/** The extension attributes of one event; absent, never null. */
export type Extensions = { readonly [Name in ExtensionName]?: string };

export const extensionNames = Object.keys(declared) as readonly ExtensionName[];

/** What each attribute says, by its name. */
export const extensionDescriptions = Object.fromEntries(
  Object.entries(declared).map(([name, { description }]) => [name, description]),
) as Readonly<Record<ExtensionName, string>>;

/** The declared attributes among the members of a value, each in its form. Total: other members are not looked at. */
export function extensionsOf(from: { readonly [Name in ExtensionName]?: unknown }): Extensions {
  let found: Extensions = {};
  for (const name of extensionNames) {
    const [text, { read, besides }]: [unknown, Declared] = [from[name], declared[name]];
    if (typeof text !== 'string' || (besides !== undefined && !(besides in found))) continue;
    const value = read(text);
    if (value !== undefined) found = { ...found, [name]: value };
  }
  return found;
}

/** Version, trace, parent and flags; a later version than 00 may say more after them. */
const traceparentForm = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[ -~]{0,200})?$/;
const ownVersion = '00';

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function traceparentIn(text: string): string | undefined {
  const [, version, trace, parent, flags, more] = traceparentForm.exec(text) ?? [];
  if (version === undefined || version === 'ff' || /^0+$/.test(trace ?? '') || /^0+$/.test(parent ?? ''))
    return undefined;
  if (version === ownVersion) return more === undefined ? text : undefined;
  // Of a later version only what 00 says is known: the ids, and whether the trace is sampled.
  const sampled = Number.parseInt(flags ?? '', 16) & 1;
  return `${ownVersion}-${trace}-${parent}-0${sampled}`;
}

const stateMembersMax = 32;
const stateCharactersMax = 512;
const stateMember = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** https://www.w3.org/TR/trace-context/#tracestate-header. What is beyond 512 characters is left out, by whole members from the end. */
function tracestateIn(text: string): string | undefined {
  if (text.length > stateMembersMax * stateCharactersMax) return undefined;
  const members = text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  if (members.length === 0 || members.length > stateMembersMax) return undefined;
  if (!members.every((member) => stateMember.test(member))) return undefined;
  const kept = members.filter((_, i) => members.slice(0, i + 1).join(',').length <= stateCharactersMax);
  return kept.length > 0 ? kept.join(',') : undefined;
}
