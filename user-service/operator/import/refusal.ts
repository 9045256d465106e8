// Why a line of an export is not stored. The words are stable: they stand in `refused.ndjson`, and operators count them.

export const refusals = {
  // #region refusals
  'too-long': 'it is longer than 256 KiB',
  'invalid-utf-8': 'its bytes are no UTF-8',
  'not-json': 'it is no JSON',
  'not-an-object': 'it is JSON, but no object',
  'integer-too-large': 'an integer in it is beyond 2^53 and would be stored as another one',
  'not-storable': 'it nests deeper than 100 levels, or has a key or a number that cannot be stored',
  'lost-text': 'a text or a key in it holds U+FFFD or a lone surrogate, so that what it said is lost',
  'too-large': 'as an event it would be larger than what is stored',
  'distinct-id-missing': 'it names nobody',
  'distinct-id-illegal':
    'what it names is no text or whole number, is over 200 characters, or is a word such as `null`',
  'properties-missing': 'it is a profile with fields, and none of them is in `$properties`',
  'event-name-missing': '`event` is no text, or empty',
  'time-invalid': '`time` is no positive number',
  'time-before-2000': '`time` is before the year 2000',
  'time-ahead': '`time` is more than a day ahead',
  // #endregion
} as const;

type Refusal = keyof typeof refusals;

export interface Refused {
  readonly refused: Refusal;
}

export function isRefused(read: object): read is Refused {
  return 'refused' in read;
}
