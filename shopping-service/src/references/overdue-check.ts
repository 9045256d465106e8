// The check `references` of `/readyz?verbose`: how many references are overdue, and the first few. It never makes the service
// unready: a reference to something that nobody ever creates is a fact about the data, not about the shop.
import { reasonOf } from 'foldline/engine';
import { type ReadinessCheck, withoutAddresses } from 'foldline/fastify';
import type { ReferenceCounts } from './counts.ts';
import type { Ledger } from './ledger.ts';

const shownMax = 10;

interface OverduePorts {
  readonly ledger: Pick<Ledger, 'page'>;
  readonly counts: () => Promise<ReferenceCounts>;
  readonly countMax: number;
}

export async function overdueCheck({ ledger, counts, countMax }: OverduePorts): Promise<ReadinessCheck> {
  const check = { name: 'references', ready: true };
  try {
    const [{ overdue, pending }, { entries }] = await Promise.all([
      counts(),
      ledger.page({ state: 'overdue' }, { limit: shownMax }),
    ]);
    const shown = (number: number) => (number >= countMax ? `${countMax} or more` : String(number));
    return { ...check, detail: `${shown(overdue)} overdue, ${shown(pending)} pending`, data: entries };
  } catch (error) {
    const reason = reasonOf(error);
    return { ...check, detail: `they could not be counted: ${withoutAddresses(reason)}` };
  }
}
