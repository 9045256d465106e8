// What any saga and any conversation say of themselves, as contracts under the saga's own stem.
import { z } from 'zod';
import { extensionFields } from './extension-fields.ts';

const text = z.string();
/** The folds reckon with times: one that is none has to be found unreadable before. */
const time = z.iso.datetime();
const reason = z.object({ reason: text });
const failed = reason.extend({ step: text, attempt: z.int().positive() });

const fact = z.object({
  correlationid: text,
  role: text,
  eventId: text,
  subject: text,
  notedAt: time,
  ...extensionFields,
});
const nothing = z.object({});

interface Of<Schema> {
  readonly schema: Schema;
}

const saga = {
  StepFailed_v1: { schema: failed.extend({ retryAt: time }) },
  Parked_v1: { schema: failed },
  Resumed_v1: { schema: reason },
  Abandoned_v1: { schema: reason },
};
const conversation = {
  ...saga,
  FactNoted_v1: { schema: fact.extend({ data: z.record(text, z.unknown()), timeLimitMs: z.int().positive() }) },
  FactHeld_v1: { schema: fact },
  FactLost_v1: { schema: z.object({ role: text, eventId: text, ...extensionFields }) },
  Completed_v1: { schema: nothing },
  Withdrawn_v1: { schema: nothing },
};

type Under<Stem extends string, Contracts extends Record<string, Of<z.ZodObject>>> = {
  readonly [Name in keyof Contracts & string as `${Stem}${Name}`]: Contracts[Name];
};

/** `<stem>StepFailed_v1`, `<stem>Parked_v1`, `<stem>Resumed_v1`, `<stem>Abandoned_v1`. */
export function sagaContracts<const Stem extends string>(stem: Stem): Under<Stem, typeof saga> {
  return under(stem, saga);
}

/** Those of a saga, and the facts of a conversation with what became of them. */
export function conversationContracts<const Stem extends string>(stem: Stem): Under<Stem, typeof conversation> {
  return under(stem, conversation);
}

function under<Stem extends string, Contracts extends Record<string, Of<z.ZodObject>>>(
  stem: Stem,
  contracts: Contracts,
): Under<Stem, Contracts> {
  const named = Object.entries(contracts).map(([name, contract]) => [`${stem}${name}`, contract]);
  return Object.fromEntries(named) as Under<Stem, Contracts>;
}
