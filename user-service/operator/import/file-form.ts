// In which form a file of an export is written, told from its first bytes. Only lines of JSON objects are read, plain or packed by
// gzip; every other form has a name here and a way to what is read, so that nobody learns of it after the import.
import type { ExportFile } from './files.ts';

export interface FormFault {
  /** What the file is. */
  readonly is: string;
  /** What makes a file of it that is read. */
  readonly way: string;
}

/** Enough of a file to tell its form. */
export const headBytes = 64 * 1024;

interface Packing {
  readonly name: string;
  readonly magic: readonly number[];
  readonly way: string;
}

const text = (value: string) => [...Buffer.from(value, 'latin1')];
const gzip: Packing = { name: 'packed by gzip', magic: [0x1f, 0x8b], way: 'give it a name that ends in .gz' };
/** Amplitude gives zip archives the name `….json.gz`. */
const packings: readonly Packing[] = [
  { name: 'a zip archive', magic: text('PK\x03\x04'), way: 'unpack it with unzip, and name the file that comes out' },
  { name: 'an empty zip archive', magic: text('PK\x05\x06'), way: 'export again' },
  { name: 'packed by zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], way: 'unpack it with zstd -d' },
  { name: 'packed by bzip2', magic: text('BZh'), way: 'unpack it with bunzip2' },
  { name: 'packed by xz', magic: [0xfd, ...text('7zXZ')], way: 'unpack it with unxz' },
  { name: 'packed by 7-Zip', magic: [...text('7z'), 0xbc, 0xaf], way: 'unpack it with 7z x' },
  { name: 'a Parquet file', magic: text('PAR1'), way: 'export lines of JSON' },
  { name: 'an Avro file', magic: text('Obj\x01'), way: 'export lines of JSON' },
];

/** @param head the first bytes as they lie on the disk */
export function packingFault({ path }: Pick<ExportFile, 'path'>, head: Buffer): FormFault | undefined {
  const found = [...packings, ...(path.endsWith('.gz') ? [] : [gzip])].find(({ magic }) => beginsWith(head, magic));
  return found && { is: found.name, way: found.way };
}

/** @param head the first bytes of the content, unpacked where the name says that it is packed */
export function contentFault(head: Buffer): FormFault | undefined {
  const packed = [...packings, gzip].find(({ magic }) => beginsWith(head, magic));
  if (packed) return { is: `${packed.name} inside of another packing`, way: 'unpack it once' };
  const encoding = wideEncodingOf(head);
  if (encoding) return { is: `${encoding} text`, way: `write it as UTF-8: iconv -f ${encoding} -t UTF-8` };
  const begun = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (begun === '' || !canBeObjects(begun)) return begun === '' ? undefined : strangeText(begun);
  if (pageOfAnswer.test(begun))
    return { is: 'an answer of an API with its results in a list', way: "write one result a line: jq -c '.results[]'" };
  const [first = ''] = begun.split('\n', 1);
  if (first.trim() === '{')
    return { is: 'JSON that is spread over several lines', way: 'write one object a line: jq -c .' };
  return undefined;
}

/** Mixpanel's engage API answers so: the list stands beside page, session and status. */
const pageOfAnswer = /^\{[^[\]{}]*"results"\s*:\s*\[/;

/** Whether any line may be an object; a broken one among them is refused alone, later. */
function canBeObjects(begun: string): boolean {
  return !begun.startsWith('[') && /^[ \t]*\{/m.test(begun);
}

function strangeText(begun: string): FormFault {
  if (begun.startsWith('[')) return { is: 'one JSON array', way: "write one object a line: jq -c '.[]'" };
  const what = /^[^\n]*[,;\t|]/.test(begun) ? 'a table, as CSV is' : 'no lines of JSON objects';
  return { is: what, way: 'export lines of JSON, one object a line' };
}

const byteOrderMarks: readonly (readonly [string, readonly number[]])[] = [
  ['UTF-32LE', [0xff, 0xfe, 0, 0]],
  ['UTF-32BE', [0, 0, 0xfe, 0xff]],
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
  // What begins with an ASCII character has zeros around it, and no JSON in UTF-8 has a zero.
  ['UTF-32BE', [0, 0, 0]],
];

function wideEncodingOf(head: Buffer): string | undefined {
  const marked = byteOrderMarks.find(([, magic]) => beginsWith(head, magic));
  if (marked) return marked[0];
  const [first, second, third] = head;
  if (first === 0 && second !== 0) return 'UTF-16BE';
  if (second !== 0 || first === 0) return undefined;
  return third === 0 ? 'UTF-32LE' : 'UTF-16LE';
}

function beginsWith(head: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, at) => head[at] === byte);
}
