// Goal: each form that is not read is known by its first bytes, and what is read is taken for nothing else. Method: the beginnings of
// files as tools and editors write them.
import { gzipSync } from 'node:zlib';
import { contentFault, packingFault } from './file-form.ts';

const line = '{"$distinct_id":1,"$properties":{"$name":"Ada, Lovelace"}}\n';
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const utf32le = (text: string) => Buffer.from([...text].flatMap((one) => [one.charCodeAt(0), 0, 0, 0]));
const bytes = (...given: number[]) => Buffer.from([...given, ...Buffer.alloc(20, 7)]);

test.each<[string, Buffer]>([
  ['lines', Buffer.from(line + line)],
  ['lines behind a byte order mark', Buffer.from(`\ufeff${line}`)],
  ['lines behind blank ones', Buffer.from(`\r\n  \n${line}`)],
  ['a first line that is broken', Buffer.from(`undefined\n${line}`)],
  ['a first line that is Latin-1', Buffer.from(`{"name":"\xe9"}\n${line}`, 'latin1')],
  ['a line with a list of results in its properties', Buffer.from('{"event":"a","properties":{"results":[1]}}')],
  ['a line that is longer than what is looked at', Buffer.from(`{"a":"${'x'.repeat(70_000)}`)],
  ['nothing', Buffer.alloc(0)],
  ['blank lines', Buffer.from('\n\n')],
])('read: %s', (_, head) => {
  expect(packingFault({ path: 'people.ndjson' }, head)).toBeUndefined();
  expect(contentFault(head)).toBeUndefined();
});

test.each<[string, Buffer, RegExp]>([
  ['a JSON array', Buffer.from(`[${line}]`), /one JSON array/],
  ['a JSON array behind a byte order mark and blanks', Buffer.from(`\ufeff \n[\n${line}]`), /one JSON array/],
  ['UTF-16 with its mark', Buffer.from(`\ufeff${line}`, 'utf16le'), /UTF-16LE/],
  ['UTF-16 without a mark', Buffer.from(line, 'utf16le'), /UTF-16LE/],
  ['UTF-16 of the other order with its mark', utf16be(`\ufeff${line}`), /UTF-16BE/],
  ['UTF-16 of the other order', utf16be(line), /UTF-16BE/],
  ['a JSON array in UTF-16', Buffer.from('[1]', 'utf16le'), /UTF-16LE/],
  ['UTF-32', utf32le(line), /UTF-32LE/],
  ['gzip inside of gzip', gzipSync(line), /packed by gzip inside/],
  ['a table', Buffer.from('$distinct_id,$name\n1,Ada\n'), /table/],
  ['a table with tabs', Buffer.from('id\tname\n1\tAda\n'), /table/],
  ['a page of XML', Buffer.from('<html><body>Sign in</body></html>'), /no lines of JSON/],
  ['an object over several lines', Buffer.from('{\n  "$distinct_id": 1\n}\n'), /several lines/],
  [
    "an answer of Mixpanel's engage API",
    Buffer.from(`{"page": 0, "page_size": 1000, "results": [${line}], "status": "ok"}`),
    /results in a list/,
  ],
])('not read: %s', (_, head, is) => {
  expect(contentFault(head)?.is).toMatch(is);
});

test.each<[string, string, Buffer, RegExp]>([
  ['gzip without its suffix', 'people.ndjson', gzipSync(line), /packed by gzip/],
  ['zip', 'people.zip', bytes(0x50, 0x4b, 3, 4), /zip archive/],
  ['zip under the name that Amplitude gives it', 'events.json.gz', bytes(0x50, 0x4b, 3, 4), /zip archive/],
  ['zstd', 'people.ndjson', bytes(0x28, 0xb5, 0x2f, 0xfd), /zstd/],
  ['bzip2', 'people.bz2', Buffer.from('BZh91AY'), /bzip2/],
  ['Parquet', 'people.parquet', Buffer.from('PAR1'), /Parquet/],
])('not read: %s', (_, path, head, is) => {
  expect(packingFault({ path }, head)?.is).toMatch(is);
});

test('a file that ends in .gz is packed by gzip, as its name says', () => {
  expect(packingFault({ path: 'people.ndjson.gz' }, gzipSync(line))).toBeUndefined();
});
