// `verify`: whether a model equals its source, and repairing what does not.

import { type AddVerb, serviceVerb } from './verb.ts';
import { listModels, verifyModel } from './verify-actions.ts';

const help = `
It changes nothing without --repair, which repairs exactly the subjects that were found. What differs is looked at twice, so that
news on its way is no finding. Exit codes: 0 equal, or all of it repaired; 1 error; 2 usage; 4 something differs still.
`;

export const addVerifyVerb: AddVerb = (root, run) => {
  serviceVerb(
    root,
    'verify',
    'compares a model with its source, and names what differs; without a model it lists those that there are',
  )
    .argument('[model]', 'a read model, as `verify` alone lists them, or <service>/<model>')
    .option('--repair', 'repair what was found, by folding its events')
    .addHelpText('after', help)
    .action((model, options) =>
      run(options, (context) =>
        model === undefined ? listModels(context) : verifyModel(model, options.repair === true, context),
      ),
    );
};
