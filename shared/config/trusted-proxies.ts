// The proxies in front of a service, as addresses and networks. Trusting everybody is no setting: a caller could then name any address.
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';

export const trustedProxies = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine(
    (entries) => entries.every(isAddressOrNetwork),
    'must be addresses or networks such as 10.0.0.7,10.1.0.0/16; a network of all addresses is refused',
  );

function isAddressOrNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  if (longest === 0 || rest.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= longest);
}
