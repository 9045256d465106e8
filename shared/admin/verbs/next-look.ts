// Following a long piece of work of a service: it is looked at now and then, and goes on there when nobody looks any more.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { AdminFailure } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';

const lookEveryMs = 200;

/** @throws AdminFailure `stopped` when a signal comes */
export async function untilNextLook({ name }: ServiceClient, { signal }: Context): Promise<void> {
  try {
    await sleep(lookEveryMs, undefined, signal && { signal });
  } catch (cause) {
    throw new AdminFailure('stopped', `Nobody waits for it any more; it goes on in ${name}.`, { cause });
  }
}
