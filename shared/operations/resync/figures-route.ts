// The narrow route by which an owner tells how much it has, so that a service that copies can say whether its copies are as many.
import { z } from 'zod';
import type { HttpApp } from '../../http/index.ts';
import { scansAtOnce } from '../scans-at-once.ts';
import type { CopyFigures } from './copy-figures.ts';

export const copyFiguresBody = z.strictObject({
  subjects: z.int().describe('How many there are, removed ones included'),
  versions: z.int().describe('The sum of their versions, which is the number of their events'),
});

/** @param name of what is counted, for example `things` */
export function addFiguresRoute(
  app: HttpApp,
  name: string,
  figures: () => Promise<CopyFigures>,
  path: `/${string}` = `/figures/${name}`,
): void {
  const inBounds = scansAtOnce(`count ${name}`);
  app.get(
    path,
    {
      config: { policy: 'read' },
      schema: {
        tags: ['operations'],
        summary: `How many ${name} are published as snapshots, and the sum of their versions`,
        response: { 200: copyFiguresBody },
      },
    },
    () => inBounds(figures),
  );
}
