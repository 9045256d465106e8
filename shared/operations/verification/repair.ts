// Repairs exactly the subjects that were found, like a retry of held subjects: their events are read from their owner and folded in order
// by the same projection. A write succeeds only while the document is still as it was found.
import {
  fold,
  groupBy,
  type Held,
  isPlaceholder,
  isSubject,
  type ProjectedDocument,
  reasonOf,
  type Stop,
} from '../../engine/index.ts';
import { laterItems, versionsOf } from '../held/retry-attempt.ts';
import type { Difference } from './compare.ts';
import { contentDigest } from './content.ts';
import { assertAlone } from './one-generation.ts';
import type { ComparedModel, Repair, VerificationLimits } from './verification-ports.ts';

/** What the events of a subject make of it. */
interface Refolded {
  document: ProjectedDocument | undefined;
  stop: Stop | undefined;
  /** Whether the copy equals a fold of the events up to its version, so that the later events can be folded onto it. */
  isPrefix: boolean;
}

type Found = ReadonlyMap<string, ProjectedDocument>;
type Repairs = Map<string, Repair>;

/** How many subjects are repaired at once; the events of all of them are in memory together. */
const subjectsAtOnceMax = 20;
/** Events of one subject that are read at once. */
const eventsOfEachMax = 1000;

const repaired = (detail: string): Repair => ({ outcome: 'repaired', detail });
const left = (detail: string): Repair => ({ outcome: 'left', detail });
const changedMeanwhile = left('it changed meanwhile');

/**
 * @param surplus how many more copies there are than the source has documents
 * @param onlyFoldsOn leaves every copy that is no fold of the first events of its source: that copy may know another history
 */
export function createRepair(
  compared: ComparedModel,
  { removalsMax }: VerificationLimits,
  surplus: number,
  onlyFoldsOn = false,
) {
  const { model, form, copies, owner, gate } = compared;
  let removals = 0;
  let rewinds = 0;

  return async (findings: readonly Difference[], held: ReadonlyMap<string, Held>): Promise<Repairs> => {
    const repairs: Repairs = new Map();
    for (let from = 0; from < findings.length; from += subjectsAtOnceMax)
      await repairSome(findings.slice(from, from + subjectsAtOnceMax), held, repairs);
    const reached = [...repairs].filter(([, { outcome }]) => outcome === 'repaired').map(([subject]) => subject);
    const documents = await model.documents.read(reached);
    await compared.held.release(new Map([...documents].map(([subject, { version }]) => [subject, version])));
    return repairs;
  };

  /** For readers, a copy that cannot be decoded is missing already. It is removed, and then folded like a missing copy. */
  async function removeUnreadable(findings: readonly Difference[], held: ReadonlyMap<string, Held>) {
    const free = findings.filter(({ subject }) => (held.get(subject)?.reason ?? 'hole') === 'hole');
    const subjects = free.filter(({ copy }) => copy?.unreadable).map(({ subject }) => subject);
    if (subjects.length === 0) return new Set<string>();
    return gate.pass(async () => {
      assertAlone(compared);
      const removed = await copies.removeUnreadable(subjects);
      for (const one of removed) await replaceIfNamed(one);
      return new Set(removed);
    });
  }

  async function repairSome(findings: readonly Difference[], held: ReadonlyMap<string, Held>, repairs: Repairs) {
    const removed = await removeUnreadable(findings, held);
    const stored = await model.documents.read(findings.map(({ subject }) => subject));
    const found = new Map(
      [...stored.values()].flatMap((document) => (isPlaceholder(document) ? [] : [[document._id, document] as const])),
    );
    const refolded = await refold(compared, findings, found, (subject, fault) =>
      repairs.set(subject, left(reasonOf(fault))),
    );
    const foldOn: Difference[] = [];
    for (const difference of findings) {
      const { subject } = difference;
      const one = refolded.get(subject) as Refolded;
      const entry = held.get(subject);
      const copy = found.get(subject);
      if (repairs.has(subject)) continue;
      if (entry && entry.reason !== 'hole') repairs.set(subject, { outcome: 'held', detail: entry.detail });
      else if (one.stop) repairs.set(subject, { outcome: 'held', detail: one.stop.detail });
      // The watch for deleted documents may have folded the removed copy again meanwhile.
      else if (removed.has(subject)) foldOn.push(difference);
      else if ((copy && contentDigest(form(copy))) !== difference.copy?.contentDigest)
        repairs.set(subject, changedMeanwhile);
      else if (one.isPrefix && one.document) foldOn.push(difference);
      else if (copy && onlyFoldsOn) repairs.set(subject, left('the copy was made of other events than its source has'));
      else if (copy) repairs.set(subject, await replaceOrRemove(copy, one.document));
      else repairs.set(subject, changedMeanwhile);
    }
    await foldOnAll(foldOn, refolded, repairs);
  }

  async function replaceOrRemove(copy: ProjectedDocument, document: ProjectedDocument | undefined): Promise<Repair> {
    if (document) {
      if (document.version < copy.version) {
        if (rewinds >= removalsMax)
          return left(
            `more than ${removalsMax} copies are ahead of their source: check that the source is the right one and complete`,
          );
        rewinds += 1;
      }
      if (!(await passAlone(() => copies.replace(copy, document)))) return changedMeanwhile;
      const unsaid = model.projection.names && (await applyAnew(copy._id));
      const gap = unsaid ? `; what it names may have no placeholder: ${reasonOf(unsaid)}` : '';
      return repaired(`the copy was folded again up to version ${document.version}${gap}`);
    }
    if (surplus > removalsMax || removals >= removalsMax)
      return left(`more than ${removalsMax} copies have no event: check that the source is the right one`);
    removals += 1;
    return (await passAlone(() => remove(copy)))
      ? repaired('the copy was removed, because no event made it')
      : changedMeanwhile;
  }

  /** Refuses if the model has another generation by now, else writes. Inside the gate, no switchover can come between the two. */
  function passAlone(write: () => Promise<boolean>): Promise<boolean> {
    return gate.pass(async () => {
      assertAlone(compared);
      return write();
    });
  }

  async function remove(copy: ProjectedDocument): Promise<boolean> {
    if (!(await copies.remove(copy))) return false;
    await replaceIfNamed(copy._id);
    return true;
  }

  /** A document that names the removed subject must find a placeholder, as if the copy had never been written. */
  async function replaceIfNamed(removed: string): Promise<void> {
    if (await compared.isNamed?.(removed)) await model.documents.write([{ placeholder: removed }]);
  }

  /** Writes placeholders for the subjects that the events name and the old copy did not. @returns why some may be missing */
  async function applyAnew(subject: string): Promise<unknown> {
    const unanswered = new Map<string, unknown>();
    for (let version = 0; ; ) {
      const items = await laterItems(owner, new Map([[subject, version]]), eventsOfEachMax, unanswered);
      const last = items.at(-1);
      if (!last) return unanswered.get(subject);
      version = last.event.version;
      await compared.apply(items);
    }
  }

  async function foldOnAll(
    differences: readonly Difference[],
    refolded: ReadonlyMap<string, Refolded>,
    repairs: Repairs,
  ) {
    const subjects = differences.map(({ subject }) => subject);
    for (let open = subjects; open.length > 0; ) {
      const items = await laterItems(owner, await versionsOf({ models: [model] }, open), eventsOfEachMax, new Map());
      if (items.length === 0) break;
      const { versions, held } = await compared.apply(items);
      const stopped = new Set(held.map(({ key }) => key));
      open = [...versions.keys()].filter((subject) => !stopped.has(subject));
    }
    const documents = await model.documents.read(subjects);
    for (const subject of subjects) {
      const version = documents.get(subject)?.version ?? 0;
      const there = version >= (refolded.get(subject)?.document?.version ?? 0);
      repairs.set(subject, there ? repaired(`the copy was folded on to version ${version}`) : changedMeanwhile);
    }
  }
}

/** Reads the events of some subjects from the first one on, as many at a time as their owner gives. */
async function refold(
  { model: { projection }, form, owner }: ComparedModel,
  findings: readonly Difference[],
  found: Found,
  failed: (subject: string, fault: unknown) => void,
): Promise<ReadonlyMap<string, Refolded>> {
  const refolded = new Map<string, Refolded>();
  for (const { subject } of findings)
    refolded.set(subject, { document: undefined, stop: undefined, isPrefix: !found.has(subject) });
  let positions = new Map([...refolded.keys()].filter(isSubject).map((subject) => [subject, 0]));
  while (positions.size > 0) {
    const events = groupBy(await owner.readNext(positions, eventsOfEachMax, failed), ({ subject }) => subject);
    positions = new Map();
    for (const [subject, own] of events) {
      const one = refolded.get(subject);
      if (!one) continue;
      const before = one.document?.version ?? 0;
      const copy = found.get(subject);
      const upToCopy = fold(
        projection,
        one.document,
        own.filter(({ version }) => version <= (copy?.version ?? 0)),
      );
      const { document: same } = upToCopy;
      if (copy && same?.version === copy.version)
        one.isPrefix = contentDigest(form(same)) === contentDigest(form(copy));
      const { document, stop } = upToCopy.stop ? upToCopy : fold(projection, same, own);
      Object.assign(one, { document, stop });
      if (!stop && document && document.version > before) positions.set(subject, document.version);
    }
  }
  return refolded;
}
