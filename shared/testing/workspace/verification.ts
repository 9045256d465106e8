// Asks a service to verify a model, as an operator does, and waits for the end.
import type { AnswerBody, Call } from '../call-app.ts';

export interface Verified extends AnswerBody {
  readonly detail: string;
  readonly figures: Readonly<Record<string, number>> & { readonly found: Readonly<Record<string, number>> };
  readonly findings: readonly { readonly kind: string; readonly subject: string }[];
}

const lookEveryMs = 10;

/** Bounded by the time that a test may take. */
export async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
}

/** @throws Error when it is not begun */
export async function verifyBy(call: Call, model: string, repair: boolean): Promise<Verified> {
  const begun = await call('POST /admin/verifications', { model, repair });
  if (begun.status !== 202) throw new Error(`A verification of ${model}: ${begun.status} ${begun.body.code}`);
  const look = async () => (await call(`GET ${begun.headers.location}`)).body;
  await until(async () => (await look()).state !== 'running');
  return (await look()) as Verified;
}

/** The kind of each subject that was found. */
export function foundIn({ findings }: Pick<Verified, 'findings'>): Record<string, string> {
  return Object.fromEntries(findings.map(({ subject, kind }) => [subject, kind]));
}
