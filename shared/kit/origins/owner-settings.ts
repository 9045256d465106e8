// The settings by which a service finds the owner of events that it copies.
import { httpUrl, integerSetting, type Settings, tokenSetting } from '../../config/index.ts';
import type { RemoteOrigin } from '../declaration.ts';
import type { OwnerAddress } from './owner-client.ts';

const table = (service: string, url: string) => ({
  URL: httpUrl.default(url).describe(`where ${service}, an owner of events, is asked`),
  TOKEN: tokenSetting(
    `the token for ${service}: one that ends in \`:verification\` there, so that copies can be verified`,
  ),
  TIMEOUT_MS: integerSetting(2000, 100, 60_000, `how long a question to ${service} may take`),
  SCAN_TIMEOUT_MS: integerSetting(
    45_000,
    100,
    600_000,
    `how long ${service} may take to scan all its subjects for a verification`,
  ),
  REQUESTS_MAX: integerSetting(8, 1, 100, `questions to ${service} that are on their way at once`),
  EVENT_PAGES_MAX: integerSetting(
    10,
    1,
    1000,
    'pages of 200 events that are read of one subject at once; the next try reads on',
  ),
});

type Table = ReturnType<typeof table>;
type OwnerSettings<P extends string> = { readonly [K in keyof Table & string as `${P}_${K}`]: Table[K] };

/**
 * For the settings table of a service.
 *
 * @param prefix as the origin names it in `settings`, for example `USER_SERVICE`
 * @param url where the owner is unless the setting says otherwise
 */
export function ownerSettings<const P extends string>(prefix: P, service: string, url: string): OwnerSettings<P> {
  return Object.fromEntries(
    Object.entries(table(service, url)).map(([key, type]) => [`${prefix}_${key}`, type]),
  ) as unknown as OwnerSettings<P>;
}

export interface OwnerLimits {
  /** For one question. */
  readonly asking: OwnerAddress;
  /** For a question that is a scan of all subjects. */
  readonly scanning: OwnerAddress;
  readonly pages: { readonly requestsAtOnceMax: number; readonly pagesMax: number };
}

/** @throws Error when the settings table of the service lacks those of the owner */
export function ownerLimits(config: object, { service, plural, settings }: RemoteOrigin): OwnerLimits {
  const given = config as Readonly<Record<string, unknown>>;
  if (typeof given[`${settings}_URL`] !== 'string')
    throw new Error(`The settings lack ${settings}_URL: add ownerSettings('${settings}', '${service}', …) to them.`);
  const own = Object.fromEntries(
    Object.keys(given).flatMap((key) =>
      key.startsWith(`${settings}_`) ? [[key.slice(settings.length + 1), given[key]]] : [],
    ),
  ) as Settings<Table>;
  const at = { service, plural, settings, url: own.URL, token: own.TOKEN };
  return {
    asking: { ...at, timeoutMs: own.TIMEOUT_MS },
    scanning: { ...at, timeoutMs: own.SCAN_TIMEOUT_MS },
    pages: { requestsAtOnceMax: own.REQUESTS_MAX, pagesMax: own.EVENT_PAGES_MAX },
  };
}
