// Event types as contracts: one Zod schema per versioned type, and how an old version reads as the next one.
// Producers write strictly, consumers read leniently; a published schema is never changed, a new version is added beside it.
import type { z } from 'zod';
import {
  bounded,
  type Decode,
  type DomainEvent,
  Failure,
  lostTextIn,
  lostTextOf,
  shown,
  stemOf,
} from '../engine/index.ts';

type Payload = z.ZodObject;

interface Upcast {
  readonly to: string;
  // biome-ignore lint/suspicious/noExplicitAny: the payload's type is known only where the contract is declared
  readonly data: (data: any) => object;
}

export interface EventContract {
  readonly schema: Payload;
  readonly upcast?: Upcast;
}

export type Contracts = Readonly<Record<string, EventContract>>;

/** The newest version of each type in `C`, as a union to switch over. */
export type LatestEvent<C extends Contracts> = {
  [T in keyof C & string]: C[T] extends { readonly upcast: Upcast }
    ? never
    : { readonly type: T; readonly data: z.output<C[T]['schema']> };
}[keyof C & string];

/** @throws Error when a type is not `<stem>_v<n>`, or an upcast leads to a type that is not declared. */
export function defineContracts<const C extends Contracts>(contracts: C): C {
  for (const [type, { upcast }] of Object.entries(contracts)) {
    if (stemOf(type) === undefined) throw new Error(`The event type ${type} is not of the form <stem>_v<n>.`);
    if (upcast && !(upcast.to in contracts)) throw new Error(`${type} upcasts to ${upcast.to}, which is not declared.`);
  }
  return contracts;
}

/**
 * Reads stored events of these contracts: unknown keys in `data` are dropped, old versions are upcast step by step.
 * A stem that is not declared is ignored, and not read; a declared stem in an unknown version, with lost text, or with data that
 * does not fit, is undecodable.
 */
export function decoderOf<C extends Contracts>(contracts: C): Decode<LatestEvent<C>> {
  const stems = new Set(Object.keys(contracts).map(stemOf));
  return (event) => {
    const { type, data } = event;
    // A scan reads what is stored, which may have come around the validator.
    if (typeof type !== 'string')
      return { kind: 'undecodable', reason: 'invalid-data', detail: `type is ${shown(type)}, expected <stem>_v<n>` };
    // A type may be spelled like a member that every object has.
    const contract = Object.hasOwn(contracts, type) ? contracts[type] : undefined;
    if (!contract) {
      if (!stems.has(stemOf(type))) return { kind: 'ignored' };
      return { kind: 'undecodable', reason: 'unknown-version', detail: `${type} is a version that is not known here` };
    }
    const lost = lostTextOf(event);
    if (lost !== undefined) return { kind: 'undecodable', reason: 'unreadable', detail: `${type}: ${lost}` };
    const read = contract.schema.safeParse(data);
    if (!read.success)
      return { kind: 'undecodable', reason: 'invalid-data', detail: `${type}: ${sentence(read.error)}` };
    return { kind: 'known', event: upcast(contracts, { type, data: read.data }) as LatestEvent<C> };
  };
}

/**
 * Checks an event on its way into the store: every key must be in its contract.
 * @throws Failure `invalid-request` naming the type and the key.
 */
export function checkStrictly(contracts: Contracts, { type, data }: DomainEvent): void {
  const contract = contracts[type];
  if (!contract) throw new Failure('invalid-request', `No contract is declared for ${type}.`);
  const lost = lostTextIn({ data });
  if (lost !== undefined) throw new Failure('invalid-request', `${type}: ${lost}`);
  const read = contract.schema.strict().safeParse(data);
  if (!read.success) throw new Failure('invalid-request', `${type}: ${sentence(read.error)}`);
}

function upcast(contracts: Contracts, event: DomainEvent): DomainEvent {
  const step = contracts[event.type]?.upcast;
  return step ? upcast(contracts, { type: step.to, data: step.data(event.data) }) : event;
}

/** A list of ten thousand faulty members has as many issues. */
const issuesShownMax = 5;

// The message names the field and what was wrong with it, never the value: it is logged and listed, and values are personal.
function sentence(error: z.ZodError): string {
  const text = error.issues
    .slice(0, issuesShownMax)
    .map(({ path, message }) => `data${path.map((key) => `.${bounded(String(key), 80)}`).join('')}: ${message}`)
    .join('; ');
  const others = error.issues.length - issuesShownMax;
  return bounded(others > 0 ? `${others} more; ${text}` : text);
}
