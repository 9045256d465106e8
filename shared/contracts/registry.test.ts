// Goal: producers write strictly, consumers read leniently, old versions read as the newest, and faults are told without values.
import { z } from 'zod';
import { checkStrictly, decoderOf, defineContracts } from './registry.ts';

const contracts = defineContracts({
  noteWritten_v1: {
    schema: z.object({ words: z.string() }),
    upcast: { to: 'noteWritten_v2', data: ({ words }: { words: string }) => ({ lines: words.split(' ') }) },
  },
  noteWritten_v2: {
    schema: z.object({ lines: z.array(z.string()) }),
    upcast: { to: 'noteWritten_v3', data: ({ lines }: { lines: string[] }) => ({ lines, count: lines.length }) },
  },
  noteWritten_v3: { schema: z.object({ lines: z.array(z.string()), count: z.int() }) },
  noteBurnt_v1: { schema: z.object({}) },
});
const decode = decoderOf(contracts);

test('every version reads as the newest, step by step', () => {
  const newest = { kind: 'known', event: { type: 'noteWritten_v3', data: { lines: ['a', 'b'], count: 2 } } };
  expect(decode({ type: 'noteWritten_v1', data: { words: 'a b' } })).toEqual(newest);
  expect(decode({ type: 'noteWritten_v2', data: { lines: ['a', 'b'] } })).toEqual(newest);
  expect(decode({ type: 'noteWritten_v3', data: { lines: ['a', 'b'], count: 2 } })).toEqual(newest);
});

test('another stem is ignored, also a type that is none', () => {
  for (const type of ['letterWritten_v1', 'noteRead_v1', 'note', 'constructor', '__proto__', 'toString']) {
    expect(decode({ type, data: {} })).toEqual({ kind: 'ignored' });
  }
});

test('an unknown version of a known stem, and data that does not fit, cannot be read', () => {
  expect(decode({ type: 'noteWritten_v4', data: {} })).toMatchObject({
    kind: 'undecodable',
    reason: 'unknown-version',
  });
  const unfit = decode({ type: 'noteWritten_v3', data: { lines: ['secret', 17], count: 1 } });
  expect(unfit).toMatchObject({ kind: 'undecodable', reason: 'invalid-data' });
  expect('detail' in unfit && unfit.detail).toMatch(/^noteWritten_v3: data\.lines\.1: /);
  expect(JSON.stringify(unfit)).not.toContain('secret');
});

test('text that is lost cannot be read, wherever it stands; a stem that nobody folds is not looked at', () => {
  const data = { lines: ['a'], count: 1 };
  const lost: object[] = [
    { data: { ...data, lines: ['a\ufffd'] } },
    { data: { ...data, unknown: [{ note: '\ud800' }] } },
    { data: { ...data, 'k\ufffd': 1 } },
    { data, source: '/\ufffd' },
    { data, correlationid: '\udc00' },
    { data: {}, unreadable: 'data.lines cannot be decoded' },
  ];
  for (const event of lost) {
    const of = (type: string) => decode({ type, data: {}, ...event });
    expect(of('noteWritten_v3')).toMatchObject({ kind: 'undecodable', reason: 'unreadable' });
    expect(of('noteRead_v1')).toEqual({ kind: 'ignored' });
  }
  const written = { type: 'noteWritten_v3', data: { ...data, lines: ['\ufffd'] } };
  expect(() => checkStrictly(contracts, written)).toThrow('data.lines.0');
});

test('of many faults the first ones are told, and no key is told whole', () => {
  const lines = Array.from({ length: 20_000 }, () => 1);
  const many = decode({ type: 'noteWritten_v3', data: { lines, count: 1 } });
  expect('detail' in many && many.detail).toMatch(/^noteWritten_v3: 19995 more; data\.lines\.0: .+; data\.lines\.4: /);
  const keyed = decoderOf(defineContracts({ mapped_v1: { schema: z.object({ of: z.record(z.string(), z.int()) }) } }));
  const longKey = keyed({ type: 'mapped_v1', data: { of: { ['x'.repeat(600_000)]: 'text' } } });
  for (const one of [many, longKey]) expect('detail' in one && one.detail.length).toBeLessThan(450);
});

test('keys that nobody knows are dropped on reading and refused on writing', () => {
  expect(decode({ type: 'noteBurnt_v1', data: { why: 'cold' } })).toEqual({
    kind: 'known',
    event: { type: 'noteBurnt_v1', data: {} },
  });
  expect(() => checkStrictly(contracts, { type: 'noteBurnt_v1', data: { why: 'cold' } })).toThrow('why');
  expect(() => checkStrictly(contracts, { type: 'noteBurnt_v1', data: {} })).not.toThrow();
  expect(() => checkStrictly(contracts, { type: 'noteBurnt_v2', data: {} })).toThrow(
    expect.objectContaining({ code: 'invalid-request' }),
  );
});

test('a contract that leads nowhere is a fault at start', () => {
  const schema = z.object({});
  expect(() => defineContracts({ note: { schema } })).toThrow('<stem>_v<n>');
  expect(() =>
    defineContracts({ note_v1: { schema, upcast: { to: 'note_v2', data: (data: object) => data } } }),
  ).toThrow('not declared');
});
