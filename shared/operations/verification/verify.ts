// The course of every verification: a first comparison of all subjects, a second one of those that differed, and a finding for each that
// still differs. Nothing is changed unless a repair is given.
import type { Held } from '../../engine/index.ts';
import { confirmed, type Difference } from './compare.ts';
import type { createRepair } from './repair.ts';
import type { ComparedModel, Finding, Repair, VerificationFigures } from './verification-ports.ts';

export interface Look {
  readonly differences: readonly Difference[];
  /** Whether events on their way may cause these differences; otherwise the differences need no second look. */
  readonly mayPass: boolean;
}

/** How two sides are held against each other. The looks count the documents that they compare. */
export interface Looks {
  /** All subjects once, in parts. @throws what kept one of the two sides from answering */
  first(): AsyncIterable<Look>;
  /** The differences of some subjects as they are now; the result may contain other subjects too. */
  again(subjects: readonly string[]): Promise<readonly Difference[]>;
  /** Resolves once what was on its way at the first look has had time to arrive. */
  arrived(): Promise<unknown>;
}

export interface VerifyOptions {
  /** Kept up while it runs. */
  readonly figures: VerificationFigures;
  /** Told of each finding, in order of the looks. */
  found(finding: Finding): void;
  /** The subjects that are held in this service. */
  readonly held?: Pick<ComparedModel['held'], 'among'>;
  readonly repair?: ReturnType<typeof createRepair> | undefined;
}

/** @throws what kept one of the two sides from answering */
export async function verify(looks: Looks, { figures, found, held, repair }: VerifyOptions): Promise<void> {
  for await (const { differences, mayPass } of looks.first()) {
    const { findings, moving } = mayPass ? await lookAgain(differences) : { findings: differences, moving: 0 };
    figures.moving += moving;
    if (findings.length > 0) await lookAgainAt(findings);
  }

  async function lookAgain(first: readonly Difference[]) {
    if (first.length === 0) return { findings: first, moving: 0 };
    await looks.arrived();
    return confirmed(first, await looks.again(subjectsOf(first)));
  }

  async function lookAgainAt(findings: readonly Difference[]): Promise<void> {
    const heldOnes = (await held?.among(subjectsOf(findings))) ?? new Map<string, Held>();
    const repairs = (await repair?.(findings, heldOnes)) ?? new Map<string, Repair>();
    const isRepaired = ({ subject }: Difference) => repairs.get(subject)?.outcome === 'repaired';
    const repaired = findings.filter(isRepaired);
    const still = repaired.length > 0 ? await lookAgain(await looks.again(subjectsOf(repaired))) : { findings: [] };
    for (const { subject, kind } of still.findings.filter(isRepaired))
      repairs.set(subject, { outcome: 'left', detail: `the copy was repaired, and is ${kind} again` });
    for (const { kind, subject, copy, source } of findings) {
      const outcome = repairs.get(subject);
      figures.found[kind] += 1;
      if (outcome?.outcome === 'repaired') figures.repaired += 1;
      const versions = { copyVersion: copy?.version, sourceVersion: source?.version };
      found({ kind, subject, ...versions, held: heldOnes.get(subject)?.reason, repair: outcome });
    }
  }
}

const subjectsOf = (differences: readonly Difference[]) => differences.map(({ subject }) => subject);
