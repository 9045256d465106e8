// The pieces that request schemas are made of, so that a name or a version is the same thing on every route.
// Each trims before it measures, and carries what the API description shows for it; lengths count characters,
// as JSON Schema does, not UTF-16 code units.
import { z } from 'zod';
import { isLostText } from '../engine/index.ts';

const controlCharacter = /\p{Cc}/u;

// The same for the API description, without classes that only some engines know: what trim takes away, and what is refused.
const blank = '\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
const control = '\\u0000-\\u001f\\u007f-\\u009f\\ufffd';
const visible = `[^${blank}${control}]`;

/** The pattern of a text that is trimmed before it is looked at. */
export function trimmedPattern(core: string): string {
  return `^[${blank}]*(?:${core})[${blank}]*$`;
}

/** Lengths count after trimming, which only a pattern can say. */
function textPattern(minLength: number, maxLength: number): string {
  const text = `${visible}(?:[^${control}]{0,${maxLength - 2}}${visible})?`;
  return trimmedPattern(minLength > 0 ? text : `(?:${text})?`);
}

function textField(minLength: number, maxLength: number) {
  return z
    .string()
    .trim()
    .refine((text) => !controlCharacter.test(text) && !isLostText(text), {
      error: 'It must not contain control characters, lone surrogates or U+FFFD.',
      abort: true,
    })
    .refine((text) => text.length >= minLength, { error: 'It must not be blank.', abort: true })
    .refine((text) => text.length <= maxLength || [...text].length <= maxLength, {
      error: `It must be at most ${maxLength} characters long.`,
    })
    .describe(`${minLength} to ${maxLength} characters after trimming, none of them a control character or U+FFFD`)
    .meta({ pattern: textPattern(minLength, maxLength) });
}

/** 1 to 200 characters after trimming. */
export const nameField = textField(1, 200);

/** As `nameField`, but may be empty (a last name). */
export const optionalNameField = textField(0, 200);

/** 1 to 200 characters after trimming. */
export const titleField = textField(1, 200);

/** Why something was done: 1 to 500 characters after trimming. */
export const reasonField = textField(1, 500);

/** Something, @, something; up to 200 characters, kept as given after trimming. Whether mail arrives is not known here. */
export const emailField = textField(1, 200)
  .refine((text) => /^[^\s@]+@[^\s@]+$/u.test(text), { error: 'It must be an e-mail address such as ada@example.org.' })
  .describe('Up to 200 characters after trimming; kept as given')
  .meta({ allOf: [{ pattern: trimmedPattern(`[^${blank}${control}@]+@[^${blank}${control}@]+`) }] });

/** Of a lower-case UUID, without its ends. */
export const uuidPattern = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const lowerCase = new RegExp(`^${uuidPattern}$`);

/** Any lower-case UUID, of whichever version: strangers' ids are welcome. */
export const lowerCaseUuid = z
  .string()
  .refine((text) => lowerCase.test(text), { error: 'It must be a lower-case UUID.' })
  .meta({ format: 'uuid', pattern: lowerCase.source });

/** The schema of a path with one `:id`. */
export const idParams = z.strictObject({ id: lowerCaseUuid });

/** The smallest unit of the one currency. `-0` is `0`. */
export const priceField = z
  .int({ error: `It must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}.` })
  .min(0, { error: 'It must not be negative.' })
  .overwrite((price) => (price === 0 ? 0 : price));

export const quantityField = z
  .int({ error: 'It must be an integer from 1 to 10000.' })
  .min(1, { error: 'It must be at least 1.' })
  .max(10_000, { error: 'It must be at most 10000.' });

/** An integer given as decimal text in a query. */
export function decimalText(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER) {
  const error = `It must be an integer from ${minimum} to ${maximum}.`;
  return z
    .string({ error })
    .refine((text) => /^(?:0|[1-9][0-9]{0,15})$/.test(text) && Number(text) >= minimum && Number(text) <= maximum, {
      error,
      abort: true,
    })
    .transform(Number)
    .meta({ type: 'integer', minimum, maximum });
}

/** `minVersion`, `atVersion`: from 1. */
export const versionQuery = decimalText(1);

/** `afterVersion`: from 0. */
export const afterVersionQuery = decimalText(0);

/** An RFC 3339 instant, as a Date; finer fractions than milliseconds are cut off. */
export const timeQuery = z
  .string({ error: 'It must be given once.' })
  // An offset's + arrives as a space unless the caller encoded it; nothing else could be meant.
  .transform((text) => text.toUpperCase().replace(/ (?=\d\d:\d\d$)/, '+'))
  .refine((text) => z.iso.datetime({ offset: true }).safeParse(text).success, {
    error: 'It must be an RFC 3339 time such as 2030-01-31T12:00:00Z.',
    abort: true,
  })
  .transform((text) => new Date(text))
  .meta({ type: 'string', format: 'date-time' });

/** `true` or `false`, as text. */
export const booleanQuery = z
  .enum(['true', 'false'], { error: 'It must be true or false.' })
  .transform((text) => text === 'true')
  .meta({ type: 'boolean', enum: [true, false] });

/** For answers: a Date inside, an RFC 3339 text outside. */
export const instantField = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

/** For answers without a body: `response: { 204: noContent }`. */
export const noContent = z.undefined().describe('Done; there is nothing to show');
