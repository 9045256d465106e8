// What keeps an export from being imported at all, told before anything is stored: a file of a form that is not read, lines most of which
// are refused, and profiles in which nothing is known. Each would end in figures that add up, and in people without names.
import { open } from 'node:fs/promises';
import { AdminFailure, numberText } from 'foldline/admin';
import { contentFault, type FormFault, headBytes, packingFault } from './file-form.ts';
import { contentOf, type ExportFile } from './files.ts';
import type { Export, Survey } from './survey.ts';

/** @throws AdminFailure `file-unreadable` naming the file, its form and what makes one of it that is read */
export async function assertReadableForm(file: ExportFile): Promise<void> {
  const fault = packingFault(file, await headOnDisk(file)) ?? contentFault(await headOfContent(file));
  if (fault) throw unreadForm(file, fault);
}

function unreadForm({ name, path }: ExportFile, { is, way }: FormFault): AdminFailure {
  return new AdminFailure(
    'file-unreadable',
    `The file of --${name} is not read, ${path}: it is ${is}. To import it, ${way}. Nothing was stored.`,
  );
}

async function headOnDisk({ path, bytes }: ExportFile): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(bytes, headBytes)));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function headOfContent(file: ExportFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of contentOf(file)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= headBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, headBytes);
}

/** How many of the reasons a refusal names. */
const reasonsMax = 3;

/**
 * @param refusedPath where the refused lines were written; undefined where nothing is
 * @throws AdminFailure `refused` when most lines of a file are refused, or no profile has a field that is known
 */
export function assertWorthStoring(survey: Survey, files: Export, refusedPath: string | undefined): void {
  for (const name of ['people', 'events'] as const) {
    const { read, blank, refused } = survey[name];
    if (refused * 2 <= read - blank) continue;
    const reasons = Object.entries(survey.reasons[name]).sort(([, a], [, b]) => b - a);
    const named = reasons.slice(0, reasonsMax).map(([reason, count]) => `${reason} ${numberText(count)}`);
    throw refusedWhole(
      `${numberText(refused)} of ${numberText(read - blank)} lines of the file of --${name} cannot be stored, ${files[name].path} (${named.join(', ')})`,
      `Most lines must be as docs/import-identities.md shows them${refusedPath ? `; each refused line is in ${refusedPath}` : ''}`,
    );
  }
  const profiles = survey.people.read - survey.people.blank - survey.people.refused;
  if (profiles === 0 || survey.knownProfiles > 0) return;
  throw refusedWhole(
    `no profile of the file of --people has a field that is known, ${files.people.path}: all ${numberText(profiles)} people would be nameless`,
    'Known are $email, $first_name, $last_name, $name and $created in $properties; to store people of events alone, name an empty file',
  );
}

function refusedWhole(what: string, way: string): AdminFailure {
  return new AdminFailure('refused', `Nothing was stored: ${what}. ${way}.`);
}
