// The course of every verification: a first look at all subjects, a second one at what differed, and each finding told. Nothing is
// changed unless a repair is given.
import type { Held } from '../../engine/index.ts';
import { confirmed, type Difference } from './compare.ts';
import type { Finding, ProofFigures, ProvedModel, Repair } from './proof-ports.ts';
import type { createRepair } from './repair.ts';

export interface Look {
  readonly differences: readonly Difference[];
  /** Whether what is on its way may look like these; otherwise they need no second look. */
  readonly mayPass: boolean;
}

/** How two sides are held against each other. The looks count the documents that they compare. */
export interface Looks {
  /** All subjects once, in parts. @throws what kept one of the two sides from answering */
  first(): AsyncIterable<Look>;
  /** What differs now among some subjects, others perhaps too. */
  again(subjects: readonly string[]): Promise<readonly Difference[]>;
  /** Resolves once what was on its way at the first look has had time to arrive. */
  settled(): Promise<unknown>;
}

export interface VerifyOptions {
  /** Kept up while it runs. */
  readonly figures: ProofFigures;
  /** Told of each finding, in order of the looks. */
  found(finding: Finding): void;
  /** The subjects that are held in this service. */
  readonly held?: Pick<ProvedModel['held'], 'among'>;
  readonly repair?: ReturnType<typeof createRepair> | undefined;
}

/** @throws what kept one of the two sides from answering */
export async function verify(looks: Looks, { figures, found, held, repair }: VerifyOptions): Promise<void> {
  for await (const { differences, mayPass } of looks.first()) {
    const { findings, moving } = mayPass ? await lookAgain(differences) : { findings: differences, moving: 0 };
    figures.moving += moving;
    if (findings.length > 0) await settle(findings);
  }

  async function lookAgain(first: readonly Difference[]) {
    if (first.length === 0) return { findings: first, moving: 0 };
    await looks.settled();
    return confirmed(first, await looks.again(subjectsOf(first)));
  }

  async function settle(findings: readonly Difference[]): Promise<void> {
    const heldOnes = (await held?.among(subjectsOf(findings))) ?? new Map<string, Held>();
    const repairs = (await repair?.(findings, heldOnes)) ?? new Map<string, Repair>();
    const isMended = ({ subject }: Difference) => repairs.get(subject)?.outcome === 'mended';
    const mended = findings.filter(isMended);
    const still = mended.length > 0 ? await lookAgain(await looks.again(subjectsOf(mended))) : { findings: [] };
    for (const { subject, kind } of still.findings.filter(isMended))
      repairs.set(subject, { outcome: 'left', detail: `it was mended, and is ${kind} now` });
    for (const { kind, subject, copy, source } of findings) {
      const outcome = repairs.get(subject);
      figures.found[kind] += 1;
      if (outcome?.outcome === 'mended') figures.mended += 1;
      const versions = { copyVersion: copy?.version, sourceVersion: source?.version };
      found({ kind, subject, ...versions, held: heldOnes.get(subject)?.reason, repair: outcome });
    }
  }
}

const subjectsOf = (differences: readonly Difference[]) => differences.map(({ subject }) => subject);
