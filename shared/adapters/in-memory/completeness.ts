// The completeness of the models of a service, in memory.
import type { Completeness, CompletenessStore } from '../../operations/ports.ts';

export function inMemoryCompleteness(): CompletenessStore {
  const models = new Map<string, Completeness>();
  const change = (model: string, to: (found: Completeness) => Partial<Completeness>) => {
    const found = models.get(model);
    if (found) models.set(model, { ...found, ...to(found) });
  };
  return {
    async open(model, doubt) {
      if (!models.has(model)) models.set(model, { model, equal: undefined, doubt });
    },
    all: async () => [...models.values()],
    async doubt(model, doubt) {
      change(model, (found) => ({ doubt: { ...doubt, since: found.doubt?.since ?? doubt.since } }));
    },
    async foundEqual(model, equal, doubtId) {
      change(model, ({ doubt }) => ({ equal, doubt: doubt?.id === doubtId ? undefined : doubt }));
    },
  };
}
