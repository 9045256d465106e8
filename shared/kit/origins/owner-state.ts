// What an owner says of its newest event and of its snapshots. Nothing is concluded from it here.
import type { CopyFigures, OwnerState } from '../../operations/index.ts';
import { ownerClient } from './owner-client.ts';
import type { OwnerLimits } from './owner-settings.ts';
import { lenient } from './protocol.ts';

export function ownerState({ asking, scanning }: OwnerLimits, kind: string) {
  const { plural, settings } = asking;
  const { ask, bodyOf, unanswered, unexpected } = ownerClient(asking);
  const counting = ownerClient(scanning);

  /** @throws Failure `overloaded` in one sentence with what to do */
  async function newest(signal: AbortSignal) {
    const response = await ask(`/origin/${kind}/newest`, {}, signal);
    if (response.status !== 200) throw unexpected(response, `for the newest event of ${plural}`);
    const read = lenient.newest.safeParse(await bodyOf(response));
    if (read.success) return read.data;
    throw unanswered(`answers something that tells no newest event of ${plural}; correct ${settings}_URL`);
  }

  async function figures(signal: AbortSignal): Promise<CopyFigures> {
    const response = await counting.ask(`/origin/${kind}/figures`, {}, signal);
    const read = lenient.figures.safeParse(await counting.bodyOf(response));
    if (response.status === 200 && read.success) return read.data;
    throw unexpected(response, `how many ${plural} it has`);
  }

  return {
    newest,
    /** @throws Failure `overloaded` in one sentence with what to do */
    async ofSnapshots(signal: AbortSignal): Promise<OwnerState> {
      // First: what is stored afterwards may be on its way, and the newest event below is not older than any of these.
      const counted = await figures(signal);
      const { newestUnheld, complete, held, moreHeld } = await newest(signal);
      return { newestUnheld: newestUnheld ?? undefined, complete, held, moreHeld, figures: counted };
    },
  };
}
