// The extension attributes of an event as fields of a schema: of the envelope that travels, and of facts that remember the attributes
// of an event, so that what follows from the event carries them too.
import { z } from 'zod';
import { type ExtensionName, extensionDescriptions } from '../engine/index.ts';

export const extensionFields = Object.fromEntries(
  Object.entries(extensionDescriptions).map(([name, description]) => [
    name,
    z.string().optional().describe(description),
  ]),
) as { readonly [Name in ExtensionName]: z.ZodOptional<z.ZodString> };
