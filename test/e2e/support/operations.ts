// What an operator sees of a service: its readiness, the subjects it holds, and its figures.

import { get } from './requests.ts';
import { waitUntil } from './wait-until.ts';

export interface Check {
  readonly name: string;
  readonly ready: boolean;
  readonly detail?: string;
  readonly data?: unknown;
}

export interface HeldShown {
  readonly key: string;
  readonly reason: string;
  readonly detail: string;
  readonly appliedVersion: number;
}

export interface ReadinessShown {
  readonly status: number;
  readonly checks: readonly Check[];
}

/** `GET /readyz?verbose`. */
export async function readinessOf(url: string): Promise<ReadinessShown> {
  const { status, body } = await get(`${url}/readyz?verbose`);
  return { status, checks: (body.checks ?? []) as readonly Check[] };
}

/** What `/readyz?verbose` lists as held, by subject or by place. */
export async function heldIn(url: string): Promise<ReadonlyMap<string, HeldShown>> {
  const { checks } = await readinessOf(url);
  const list = (checks.find(({ name }) => name === 'held-subjects')?.data ?? []) as readonly HeldShown[];
  return new Map(list.map((held) => [held.key, held]));
}

/** Until `key` is shown as held. @throws Error with what is shown instead, after 15 s */
export async function whenHeld(url: string, key: string): Promise<HeldShown> {
  let shown: HeldShown | undefined;
  await waitUntil(`${key} held in ${url}`, 15_000, async () => {
    const held = await heldIn(url);
    shown = held.get(key);
    return shown === undefined ? `held are ${JSON.stringify([...held.values()])}` : undefined;
  });
  return shown as HeldShown;
}

/** The value of one series of `/metrics`, by its name and labels as they stand there; undefined when there is none. */
export async function seriesIn(url: string, series: string): Promise<number | undefined> {
  const { text } = await get(`${url}/metrics`);
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** One figure of `/metrics`. @throws Error when there is no such series */
export async function figureOf(url: string, name: string, projector: string): Promise<number> {
  const series = `${name}{projector="${projector}"}`;
  const figure = await seriesIn(url, series);
  if (figure === undefined) throw new Error(`${url}/metrics has no series ${series}`);
  return figure;
}

/** Until the figure is at least `value`. @throws Error with the figure after 15 s */
export async function whenFigure(url: string, name: string, projector: string, value: number): Promise<void> {
  await waitUntil(`${name} of ${projector} at ${value}`, 15_000, async () => {
    const figure = await figureOf(url, name, projector);
    return figure >= value ? undefined : `it is ${figure}`;
  });
}
