// Goal: the conventions of requests (conditions, keys, waiting, pages, conversations) mean what their RFCs say.
// Method: the readers called with the headers themselves, then once through an app.
import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { booleanQuery, optionalNameField, priceField, quantityField, timeQuery } from './fields.ts';
import {
  assertIfMatch,
  etagOf,
  ifMatchAllows,
  parseIdempotencyKey,
  parseIfMatch,
  parsePreferWait,
  requestDigest,
  requestKeyClaim,
} from './request-headers.ts';
import { createTestApp, sampleId } from './test-app.ts';

describe('If-Match', () => {
  test.each([
    [undefined, null],
    ['*', '*'],
    ['"7"', { versions: [7] }],
    ['"7", "8" ,"9"', { versions: [7, 8, 9] }],
    [', "7",,"8",', { versions: [7, 8] }],
    ['W/"7"', { versions: [] }],
    ['W/"7", "8"', { versions: [8] }],
    ['"07","abc","","7.0","a,b"', { versions: [] }],
  ])('%j is read', (header, expected) => expect(parseIfMatch(header)).toEqual(expected));

  test.each(['', '7', '"7', '7"', '"7" "8"', 'w/"7"', '"7", *', '*, "7"', '"7";x', '"a b"'])(
    '%j is refused',
    (header) => {
      expect(() => parseIfMatch(header)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    },
  );

  test('allows exactly what it names', () => {
    expect(ifMatchAllows(null, 3)).toBe(true);
    expect(ifMatchAllows('*', 3)).toBe(true);
    expect(ifMatchAllows('*', 0)).toBe(false);
    expect(ifMatchAllows({ versions: [3] }, 3)).toBe(true);
    expect(ifMatchAllows({ versions: [] }, 3)).toBe(false);
    expect(ifMatchAllows(parseIfMatch(etagOf(12)), 12)).toBe(true);
    expect(() => assertIfMatch({ versions: [2] }, 3)).toThrow(
      expect.objectContaining({ code: 'if-match-failed', currentVersion: 3 }),
    );
  });
});

test.each([
  [undefined, undefined],
  ['wait=5', 5],
  ['WAIT = "7"', 7],
  ['wait=300', 30],
  ['wait=0', 0],
  ['respond-async, wait=10; foo="a,b"', 10],
  ['return=minimal; foo="wait=3", wait=4', 4],
  ['handling="wait=3, x"', undefined],
  ['wait=1, wait=9', 1],
  ['wait', undefined],
  ['wait=-1', undefined],
  ['wait=1.5', undefined],
  ['"broken, wait=3', undefined],
])('Prefer %j waits %p seconds', (header, seconds) => expect(parsePreferWait(header)).toBe(seconds));

describe('Idempotency-Key', () => {
  test('quoted and bare are one key', () => {
    expect(parseIdempotencyKey('"abc"')).toBe('abc');
    expect(parseIdempotencyKey(' abc ')).toBe('abc');
    expect(parseIdempotencyKey('"a\\"b\\\\"')).toBe('a"b\\');
    expect(parseIdempotencyKey(undefined)).toBeUndefined();
    expect(parseIdempotencyKey('a'.repeat(255))).toHaveLength(255);
    expect(parseIdempotencyKey(`"${'a'.repeat(255)}"`)).toHaveLength(255);
  });

  test.each(['', ' ', '""', '"abc', '"a"b"', '"a";x=1', 'a'.repeat(256), `"${'a'.repeat(256)}"`, 'a\u0001b'])(
    '%j is refused',
    (header) =>
      expect(() => parseIdempotencyKey(header)).toThrow(
        expect.objectContaining({ errors: [expect.objectContaining({ pointer: 'Idempotency-Key' })] }),
      ),
  );

  test('another principal, method, path or key is another claim', () => {
    const claim = requestKeyClaim('shop', 'POST', '/users', 'k');
    expect(claim).toBe('key:'.concat(claim.slice(4)));
    expect(claim).toMatch(/^key:[0-9a-f]{64}$/);
    const others = [
      requestKeyClaim('ops', 'POST', '/users', 'k'),
      requestKeyClaim('shop', 'PATCH', '/users', 'k'),
      requestKeyClaim('shop', 'POST', '/users/1', 'k'),
      requestKeyClaim('shop', 'POST', '/users', 'K'),
    ];
    expect(new Set([claim, ...others]).size).toBe(5);
  });

  test('the digest knows neither key order nor spacing, but everything else', () => {
    const digest = requestDigest({ a: 1, b: { c: [1, 2] } }, { strict: 'true' });
    expect(requestDigest({ b: { c: [1, 2] }, a: 1.0 }, { strict: 'true' })).toBe(digest);
    expect(requestDigest({ a: 1, b: { c: [2, 1] } }, { strict: 'true' })).not.toBe(digest);
    expect(requestDigest({ a: 1, b: { c: [1, 2] } }, {})).not.toBe(digest);
    expect(requestDigest(undefined, undefined)).toBe(requestDigest(null, {}));
  });
});

describe('cursors', () => {
  test('come back as they went', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.maxSafeNat(), (text, number) => {
        // A lone surrogate cannot travel; no id has one.
        const wellFormed = Buffer.from(text, 'utf8').toString('utf8');
        expect(decodeCursor('/users', 'string', encodeCursor('/users', wellFormed))).toBe(wellFormed);
        expect(decodeCursor('/users', 'number', encodeCursor('/users', number))).toBe(number);
      }),
    );
  });

  test.each([
    ['of another list', encodeCursor('/items', 'a')],
    ['of another type', encodeCursor('/users', 5)],
    ['empty', ''],
    ['padded', `${encodeCursor('/users', 'a')}=`],
    ['with an object inside', Buffer.from('[1,"x",{"$gt":""}]').toString('base64url')],
    ['of text', 'hello'],
  ])('one %s is refused', (_name, text) => {
    expect(() => decodeCursor('/users', 'string', text)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: '?cursor' })] }),
    );
  });
});

describe('fields', () => {
  test('times are instants of RFC 3339', () => {
    expect(timeQuery.parse('2030-01-31T12:00:00Z')).toEqual(new Date('2030-01-31T12:00:00Z'));
    expect(timeQuery.parse('2030-01-31t12:00:00.1239z').getMilliseconds()).toBe(123);
    expect(timeQuery.parse('2030-01-31T12:00:00+02:00')).toEqual(new Date('2030-01-31T10:00:00Z'));
    // As it arrives from a caller who did not encode the +.
    expect(timeQuery.parse('2030-01-31T12:00:00 02:00')).toEqual(new Date('2030-01-31T10:00:00Z'));
    for (const wrong of [
      '',
      '2030-01-31',
      '2030-02-30T00:00:00Z',
      '2030-01-31T12:00:00',
      '2030-01-31T12:00Z',
      '1700000000',
    ]) {
      expect(timeQuery.safeParse(wrong).success).toBe(false);
    }
  });

  test('numbers are whole and in range', () => {
    expect(Object.is(priceField.parse(-0), 0)).toBe(true);
    expect(priceField.parse(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    for (const wrong of [-1, 1.5, 2 ** 53, Number.NaN, '1', null])
      expect(priceField.safeParse(wrong).success).toBe(false);
    for (const wrong of [0, 10_001, 1.5]) expect(quantityField.safeParse(wrong).success).toBe(false);
  });

  test('a last name may be empty, a flag is true or false', () => {
    expect(optionalNameField.parse('  ')).toBe('');
    expect(booleanQuery.parse('true')).toBe(true);
    expect(booleanQuery.parse('false')).toBe(false);
    expect(booleanQuery.safeParse('1').success).toBe(false);
  });
});

type Response = Awaited<ReturnType<Awaited<ReturnType<typeof createTestApp>>['app']['inject']>>;

describe('through an app', () => {
  test('pages follow one another by Link and by cursor to the end', async () => {
    const { app } = await createTestApp();
    const seen: string[] = [];
    let url: string | undefined = '/things?limit=2';
    for (let pages = 0; url !== undefined && pages < 10; pages += 1) {
      const answer: Response = await app.inject(url);
      const { items, nextCursor } = answer.json();
      seen.push(...items.map((item: { id: string }) => item.id));
      url = /^<(.+)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1];
      expect(nextCursor).toBe(url === undefined ? null : new URL(url, 'http://x').searchParams.get('cursor'));
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
    await app.close();
  });

  test('waiting is said back, capped', async () => {
    const { app } = await createTestApp();
    const answer = await app.inject({ url: `/things/${sampleId}?minVersion=3`, headers: { prefer: 'wait=99' } });
    expect(answer.headers['preference-applied']).toBe('wait=30');
    expect(answer.json().firstName).toBe('3 30000');
    expect((await app.inject(`/things/${sampleId}`)).headers['preference-applied']).toBeUndefined();
    await app.close();
  });

  test('a command knows its key, its condition, and the input as it was sent', async () => {
    const { app, commands } = await createTestApp();
    const headers = { 'idempotency-key': '"k"', 'if-match': '"1"' };
    const payload = { email: 'a@b', firstName: ' Ada ' };
    await app.inject({ method: 'POST', url: '/things', payload, headers });
    expect(commands[0]).toMatchObject({
      principal: 'local',
      ifMatch: null,
      keyed: {
        claim: requestKeyClaim('local', 'POST', '/things', 'k'),
        digest: requestDigest({ firstName: ' Ada ', email: 'a@b' }, {}),
      },
    });
    await app.inject({ method: 'DELETE', url: `/things/${sampleId}`, headers });
    expect(commands[1]).toMatchObject({
      ifMatch: { versions: [1] },
      keyed: { claim: requestKeyClaim('local', 'DELETE', `/things/${sampleId}`, 'k') },
    });
    const refused = await app.inject({ method: 'DELETE', url: `/things/${sampleId}`, headers: { 'if-match': '1' } });
    expect([refused.statusCode, refused.json().errors[0].pointer]).toEqual([400, 'If-Match']);
    await app.close();
  });

  test('a conversation is echoed, made when missing, and refused when illegal', async () => {
    const { app } = await createTestApp();
    const ask = (id?: string) =>
      app.inject({ url: '/livez', headers: id === undefined ? {} : { 'correlation-id': id } });
    expect((await ask('order 7')).headers['correlation-id']).toBe('order 7');
    expect((await ask()).headers['correlation-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    for (const wrong of ['a'.repeat(201), 'a\tb', 'a\u007fb', 'a\u0085b', 'snow ☃']) {
      const answer = await ask(wrong);
      expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, 'Correlation-Id']);
      expect(answer.headers['correlation-id']).not.toBe(wrong);
    }
    await app.close();
  });
});
