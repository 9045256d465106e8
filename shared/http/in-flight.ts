// Bounds the requests that are at work at one moment. A request beyond the bound is refused at once with 503 and Retry-After, so that the
// requests inside are answered soon and nothing queues up in memory: load shedding, as in "Handling Overload" of Google's SRE book.
import type { FastifyRequest } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import { Failure } from '../engine/index.ts';
import type { HttpApp } from './http-app.ts';

/** Probes are always let in. @param max requests at work at one moment */
export function addInFlightLimit(app: HttpApp, max: number, metrics: Registry): void {
  let atWork = 0;
  new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that are at work, without those that wait for a version',
    registers: [metrics],
    collect() {
      this.set(atWork);
    },
  });
  const refused = new Counter({
    name: 'http_requests_refused_total',
    help: 'Requests that were refused because as many as the bound allows were at work',
    registers: [metrics],
  });

  app.decorateRequest('waitAside', async (work) => {
    atWork -= 1;
    try {
      return await work();
    } finally {
      atWork += 1;
    }
  });
  const assertRoom = (request: FastifyRequest) => {
    if (atWork < max || request.routeOptions.config?.probe === true) return;
    refused.inc();
    throw new Failure('overloaded', `${max} requests are at work already; try again.`);
  };
  app.addHook('onRequest', async (request) => assertRoom(request));
  // A request is at work once its body is here: callers who send slowly must keep nobody out.
  app.addHook('preValidation', async (request, reply) => {
    assertRoom(request);
    atWork += 1;
    // Also of a request that its caller gave up.
    reply.raw.once('close', () => {
      atWork -= 1;
    });
  });
}
