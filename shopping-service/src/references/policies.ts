// What a reader sees of a reference whose target was removed: a policy for each field, set in one place and applied on read.
// Documents never change by it, so that another policy holds at once, for old documents too.
import { z } from 'zod';
import { fieldNames, isReferenceField, type ReferenceField } from './fields.ts';

/**
 * `keep` shows the target as removed, with its last title or name; `detach` shows `null` instead, and leaves the document
 * out of the list of that field.
 */
const removalPolicies = ['keep', 'detach'] as const;
type RemovalPolicy = (typeof removalPolicies)[number];
export type RemovalPolicies = Readonly<Record<ReferenceField, RemovalPolicy>>;

export const everythingKept: RemovalPolicies = {
  categoryId: 'keep',
  sellerId: 'keep',
  customerId: 'keep',
  'lines.itemId': 'keep',
};

/** `categoryId=detach,sellerId=keep`; fields that are left out are kept. Every fault is named. */
export const removalPoliciesSetting = z.string().transform((text, context): RemovalPolicies => {
  const given = new Map<ReferenceField, RemovalPolicy>();
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  for (const part of text.split(',').map((one) => one.trim())) {
    const [field = '', policy, ...more] = part.split('=').map((one) => one.trim());
    if (policy === undefined || more.length > 0)
      refuse(`must be a list of <field>=<policy>, but has ${JSON.stringify(part)}`);
    else if (!isReferenceField(field))
      refuse(`there is no field ${JSON.stringify(field)}, only ${fieldNames.join(', ')}`);
    else if (!isPolicy(policy))
      refuse(`there is no policy ${JSON.stringify(policy)} for ${field}, only ${removalPolicies.join(' and ')}`);
    else if (given.has(field)) refuse(`${field} is there twice; name each field once`);
    else given.set(field, policy);
  }
  return { ...everythingKept, ...Object.fromEntries(given) };
});

/** Whether a reader sees nothing of a target in this state. */
export function isDetached(policies: RemovalPolicies, field: ReferenceField, targetState: string): boolean {
  return targetState === 'removed' && policies[field] === 'detach';
}

function isPolicy(text: string): text is RemovalPolicy {
  return (removalPolicies as readonly string[]).includes(text);
}
