// What an operator asks about verifications, the same on every service: begin one, see how far it is and what it found, and when each
// model was last verified equal.
import { z } from 'zod';
import { type HttpApp, lowerCaseUuid } from '../../http/index.ts';
import type { Verification } from './verification.ts';
import { verificationBody, type verifiedModelBody, verifiedModels } from './verification-answers.ts';
import type { VerifiedModel, Verifier } from './verifier.ts';

const newVerificationBody = z.strictObject({
  model: z.string().min(1).max(100),
  repair: z.boolean().default(false).describe('Repair exactly what is found'),
});

function presentVerification({ endedAt, findings, ...rest }: Verification): z.output<typeof verificationBody> {
  return {
    ...rest,
    endedAt: endedAt ?? null,
    findings: findings.map(({ copyVersion, sourceVersion, held, repair, ...finding }) => ({
      ...finding,
      copyVersion: copyVersion ?? null,
      sourceVersion: sourceVersion ?? null,
      held: held ?? null,
      repair: repair ?? null,
    })),
  };
}

function presentModel({ name, sourceName, equalAt, doubt, last }: VerifiedModel): z.output<typeof verifiedModelBody> {
  return {
    name,
    source: sourceName,
    equalAt: equalAt ?? null,
    doubt: doubt ? { reason: doubt.reason, since: doubt.since } : null,
    last: last ? presentVerification(last) : null,
  };
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
        response: { 200: verifiedModels },
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
        summary: 'Begin the verification of a model; the verification continues after the answer',
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
        summary: 'The progress and the findings of a verification',
        params: z.strictObject({ id: lowerCaseUuid }),
        response: { 200: verificationBody },
      },
    },
    async (request) => presentVerification(verifier.get(request.params.id)),
  );
}
