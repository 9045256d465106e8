// A file that says where services listen: one that an operator names, and the one that `npm start` writes. No token stands in it.
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { httpUrl } from '../config/index.ts';
import { servicesFileBytesMax, servicesMax } from './config.ts';
import { AdminFailure } from './failure.ts';

export const serviceName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'a name has lower-case letters, digits and hyphens, begins with a letter, and has 63 at most',
  );

const givenServices = z
  .record(
    serviceName,
    z.strictObject({
      url: httpUrl,
      tokenVariable: z
        .string()
        .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be the name of an environment variable, such as MAILING_TOKEN')
        .optional(),
    }),
  )
  .refine((services) => Object.keys(services).length <= servicesMax, `must name at most ${servicesMax} services`);

/** Where services listen, by name. */
export type GivenServices = z.output<typeof givenServices>;

const form =
  'It must be like { "mailing-service": { "url": "http://127.0.0.1:3003", "tokenVariable": "MAILING_TOKEN" } }';

/** Undefined when there is no such file. @throws AdminFailure `file-unreadable` naming file and fault */
export function readServicesFile(file: string): GivenServices | undefined {
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > servicesFileBytesMax)
      throw new AdminFailure(
        'file-unreadable',
        `${file} has ${size} bytes, more than ${servicesFileBytesMax}. ${form}.`,
      );
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof AdminFailure) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new AdminFailure('file-unreadable', `${file} cannot be read (${code ?? message}).`, { cause });
  }
  return parseServices(text, file);
}

/** @param where the services stand, for the message @throws AdminFailure `file-unreadable` */
function parseServices(text: string, where: string): GivenServices {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw new AdminFailure('file-unreadable', `${where} holds no JSON. ${form}.`, { cause });
  }
  return checkServices(found, where);
}

/** @throws AdminFailure `file-unreadable` naming every fault */
export function checkServices(found: unknown, where: string): GivenServices {
  const reading = givenServices.safeParse(found);
  if (reading.success) return reading.data;
  const faults = reading.error.issues.map((issue) => {
    const path = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
    const why = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return `  ${path}${why}`;
  });
  throw new AdminFailure(
    'file-unreadable',
    `${where} does not say where services listen:\n${faults.join('\n')}\n${form}.`,
  );
}
