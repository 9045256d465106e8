// How verifications show in the verbose readiness of a service. A difference does not make it not ready: what it answers is still the
// best it has, and only a person can say what made it.

import { type ReadinessCheck, withoutAddresses } from '../../http/index.ts';
import type { VerifiedModel } from './verifier.ts';

export function verificationCheck(models: readonly VerifiedModel[]): ReadinessCheck {
  const data = models.map(({ name, sourceName, equalAt, last }) => ({
    model: name,
    source: sourceName,
    equalAt: equalAt ?? null,
    last: last ? { id: last.id, state: last.state, startedAt: last.startedAt, endedAt: last.endedAt ?? null } : null,
  }));
  return { name: 'proofs', ready: true, detail: models.map(inWords).join('; '), data };
}

function inWords({ name, equalAt, last }: VerifiedModel): string {
  const equal = equalAt ? `last verified equal at ${equalAt.toISOString()}` : 'not verified since the start';
  if (last?.state === 'failed') return `${name}: ${equal}, the last try failed: ${withoutAddresses(last.detail)}`;
  return last?.state === 'different' ? `${name}: ${equal}, differs now` : `${name}: ${equal}`;
}
