// Goal: what the API description says of a text or a header is exactly what the readers take, neither more nor less.
// Method: random texts, made of what makes a difference (blanks, controls, quotes, other planes), judged by both.
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { z } from 'zod';
import { emailField, nameField, optionalNameField, reasonField, titleField } from './fields.ts';
import { requestHeadersOf } from './openapi-operation.ts';
import { parseIdempotencyKey } from './request-headers.ts';

const ajv = new Ajv2020({ strict: false });
const judgeOf = (schema: object) => {
  const judge = ajv.compile(schema);
  return (text: string) => judge(text) === true;
};
const pieces = [
  'a',
  ' ',
  '\t',
  '\u00a0',
  '\u3000',
  '\ufeff',
  '\ufffd',
  '\u0000',
  '\u0085',
  '@',
  '"',
  '\\',
  'é',
  '😀',
  'a'.repeat(99),
];
const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''));
const runs = { numRuns: 3_000 };

test.each(Object.entries({ nameField, optionalNameField, titleField, reasonField, emailField }))(
  '%s',
  (_name, field) => {
    const described = judgeOf(z.toJSONSchema(field));
    const taken = (text: string) => field.safeParse(text).success;
    fc.assert(
      fc.property(texts, (text) => described(text) === taken(text)),
      runs,
    );
    for (const length of [0, 1, 199, 200, 201, 500, 501]) {
      const text = field === emailField ? `@${'a'.repeat(length)}`.padStart(length + 2, 'b') : 'a'.repeat(length);
      expect([text.length, described(text)]).toEqual([text.length, taken(text)]);
    }
  },
);

test('Idempotency-Key, as it can come over the wire', () => {
  const route = { method: 'POST', config: { policy: 'write' } } as never;
  const described = judgeOf(requestHeadersOf(route, undefined)['Idempotency-Key'] as object);
  const taken = (text: string) => {
    try {
      return parseIdempotencyKey(text) !== undefined;
    } catch {
      return false;
    }
  };
  // White space around a header never arrives; letters beyond Latin-1 cannot be sent.
  const sent = texts.filter((text) => /^[\x20-\xff]*$/.test(text) && text === text.trim());
  fc.assert(
    fc.property(sent, (text) => described(text) === taken(text)),
    runs,
  );
  for (const text of ['', '"', '""', '"a"', '"a', 'a"', '"a\\"b"', '"a\\b"', 'a'.repeat(255), 'a'.repeat(256)])
    expect([text, described(text)]).toEqual([text, taken(text)]);
});
