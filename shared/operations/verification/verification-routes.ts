// What an operator asks about proofs, the same on every service: begin one, see how far it is and what it found, and when each
// model was last proved equal.
import { z } from 'zod';
import { type HttpApp, instantField, lowerCaseUuid } from '../../http/index.ts';
import type { ModelProof, Verification, Verifier } from './verifier.ts';

const kind = z.enum(['missing', 'extra', 'behind', 'ahead', 'forked', 'different']);

const findingBody = z.strictObject({
  kind,
  subject: z.string(),
  copyVersion: z.int().nullable(),
  sourceVersion: z.int().nullable(),
  held: z.string().nullable().describe('Why it is held here; null when it is not'),
  repair: z
    .strictObject({ outcome: z.enum(['mended', 'held', 'left']), detail: z.string() })
    .nullable()
    .describe('null unless a repair was asked for'),
});

const verificationBody = z.strictObject({
  id: z.string(),
  model: z.string(),
  repair: z.boolean(),
  state: z.enum(['running', 'equal', 'mended', 'different', 'failed']),
  detail: z.string().describe('Why it failed'),
  startedAt: instantField,
  endedAt: instantField.nullable(),
  figures: z.strictObject({
    scannedDocuments: z.int(),
    estimatedDocuments: z.int().describe('About how many there are to scan, on both sides'),
    buckets: z.int(),
    differingBuckets: z.int(),
    comparedBuckets: z.int().describe('Of the differing ones'),
    comparedDocuments: z.int().describe('Subjects that were compared one by one'),
    moving: z.int().describe('What differed at the first look, and no more or otherwise at the second'),
    ofOtherFolds: z.int().describe('Documents that another fold wrote: they want a rebuild, and were not compared'),
    mended: z.int(),
    found: z.record(kind, z.int()),
  }),
  findings: z.array(findingBody).describe('The first ones; the figures count all'),
});

const modelBody = z.strictObject({
  name: z.string(),
  source: z.string().describe('What it is held against'),
  equalAt: instantField.nullable().describe('When its live collection was last proved equal, since this process began'),
  last: verificationBody.nullable(),
});

const newVerificationBody = z.strictObject({
  model: z.string().min(1).max(100),
  repair: z.boolean().default(false).describe('Mend exactly what is found'),
});

function presentVerification({ endedAt, findings, ...rest }: Verification): z.output<typeof verificationBody> {
  return {
    ...rest,
    endedAt: endedAt ?? null,
    findings: findings.map(({ copyVersion, sourceVersion, held, repair, ...finding }) => ({
      ...finding,
      ...{ copyVersion: copyVersion ?? null, sourceVersion: sourceVersion ?? null },
      ...{ held: held ?? null, repair: repair ?? null },
    })),
  };
}

function presentModel({ name, sourceName, equalAt, last }: ModelProof): z.output<typeof modelBody> {
  return { name, source: sourceName, equalAt: equalAt ?? null, last: last ? presentVerification(last) : null };
}

/** Adds `/admin/verifications` and what is below it. */
export function addVerificationRoutes(app: HttpApp, verifier: Verifier): void {
  const tags = ['operations'];

  app.get(
    '/admin/verifications',
    {
      config: { policy: 'admin' },
      schema: {
        tags,
        summary: 'The models that can be verified, each with its last verification',
        response: { 200: z.strictObject({ models: z.array(modelBody) }) },
      },
    },
    async () => ({ models: verifier.models().map(presentModel) }),
  );

  app.post(
    '/admin/verifications',
    {
      config: {
        policy: 'admin',
        problems: ['not-found', 'verification-running', 'projection-paused', 'rebuild-refused'],
      },
      schema: {
        tags,
        summary: 'Begin to verify a model; it goes on after the answer',
        body: newVerificationBody,
        response: { 202: verificationBody },
      },
    },
    async (request, reply) => {
      const verification = verifier.start(request.body.model, request.body.repair);
      reply.header('Location', `/admin/verifications/${verification.id}`);
      return reply.code(202).send(presentVerification(verification));
    },
  );

  app.get(
    '/admin/verifications/:id',
    {
      config: { policy: 'admin', problems: ['not-found'] },
      schema: {
        tags,
        summary: 'How far a verification is, and what it found',
        params: z.strictObject({ id: lowerCaseUuid }),
        response: { 200: verificationBody },
      },
    },
    async (request) => presentVerification(verifier.get(request.params.id)),
  );
}
