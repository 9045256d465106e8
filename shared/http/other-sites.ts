// Refuses requests that a browser sends for a page of another site. Without tokens a request is let in because it comes from this
// machine, and a browser on this machine sends requests for every page that it shows.
import type { FastifyRequest } from 'fastify';
import { Failure, type FailureCode } from '../engine/index.ts';
import type { HttpApp } from './http-app.ts';
import { isLoopback } from './tokens.ts';

const onlyReads = new Set(['GET', 'HEAD', 'OPTIONS']);
const hostAndPort = /^(\[[^\]]*\]|[^:]*)(?::[0-9]{0,5})?$/;

/** Holds every request against the names and the origins from which it may come. */
export function addSiteChecks(app: HttpApp): void {
  app.addHook('onRequest', async (request) => {
    refuseRepeatedHost(request);
    // A name that was made to point here (DNS rebinding) is the same origin for a browser; only the name tells.
    if (!app.callers.areAsked && !namesThisMachine(request.headers.host ?? '')) throw misdirected(request);
    if (!onlyReads.has(request.method)) refuseOtherSites(request);
  });
}

function namesThisMachine(host: string): boolean {
  return isLoopback(hostAndPort.exec(host)?.[1] ?? '');
}

/** RFC 9112, section 3.2: of two Host headers, a proxy may have used the other one. */
function refuseRepeatedHost({ raw }: FastifyRequest): void {
  const hosts = raw.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host');
  if (hosts.length > 1) throw refusal('invalid-request', 'Host', 'The header Host is there twice; send it once.');
}

function misdirected({ headers }: FastifyRequest): Failure {
  const detail =
    `Without API_TOKENS only names of this machine are answered, not ${JSON.stringify((headers.host ?? '').slice(0, 80))}: ` +
    'ask localhost or 127.0.0.1, or set API_TOKENS.';
  return refusal('misdirected', 'Host', detail);
}

function refuseOtherSites({ headers, host, method }: FastifyRequest): void {
  const { origin } = headers;
  // A browser leaves the port of a scheme out, and some proxies name it in what they hand on as the host.
  const own = [`http://${host.replace(/:80$/, '')}`, `https://${host.replace(/:443$/, '')}`].map((one) =>
    one.toLowerCase(),
  );
  if (origin !== undefined && !own.includes(origin.toLowerCase())) {
    const detail = `A page of ${JSON.stringify(origin.slice(0, 80))} may not send ${method} to ${JSON.stringify(host.slice(0, 80))}.`;
    throw refusal('cross-site', 'Origin', detail);
  }
  const site = headers['sec-fetch-site'];
  // Another port of this machine is "same-site", and another program's; `none` is what a person typed.
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw refusal('cross-site', 'Sec-Fetch-Site', `A page of another origin may not send ${method}.`);
}

function refusal(code: FailureCode, pointer: string, detail: string): Failure {
  return new Failure(code, detail, { errors: [{ pointer, detail }] });
}
