// What the settings of a service say about its HTTP edge, for every service in one place.
import type { HttpAppOptions } from './app.ts';
import { isLoopback, parseApiTokens } from './tokens.ts';

/** The part of a service's settings that its edge reads. */
export interface EdgeSettings {
  readonly HOST: string;
  readonly API_TOKENS: string;
  readonly TRUSTED_PROXIES?: string[] | undefined;
  readonly HTTP_CONNECTIONS_MAX: number;
  readonly HTTP_CONNECTIONS_PER_ADDRESS_MAX: number;
  readonly HTTP_PROBE_CONNECTIONS_MAX: number;
  readonly HTTP_REQUESTS_IN_FLIGHT_MAX: number;
}

/** @throws Error naming the faulty entry of `API_TOKENS` */
export function edgeOf(settings: EdgeSettings): Pick<HttpAppOptions, 'tokens' | 'rateLimit' | 'trustProxy' | 'limits'> {
  return {
    tokens: parseApiTokens(settings.API_TOKENS),
    rateLimit: !isLoopback(settings.HOST),
    trustProxy: settings.TRUSTED_PROXIES ?? false,
    limits: {
      connections: settings.HTTP_CONNECTIONS_MAX,
      connectionsPerAddress: settings.HTTP_CONNECTIONS_PER_ADDRESS_MAX,
      probeConnections: settings.HTTP_PROBE_CONNECTIONS_MAX,
      requestsInFlight: settings.HTTP_REQUESTS_IN_FLIGHT_MAX,
    },
  };
}
