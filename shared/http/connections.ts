// Bounds what connections may take: how many there are, how many of one address, how long each may be slow; and knows which answers are
// still open on a connection.
import type { Server, ServerResponse } from 'node:http';
import { BlockList, isIPv4, isIPv6, type Socket } from 'node:net';
import { Counter, Gauge, type Registry } from 'prom-client';
import { Failure } from '../engine/index.ts';
import type { HttpApp } from './http-app.ts';
import type { HttpLimits } from './limits.ts';

export interface Asked {
  /** Not answered to its end. */
  readonly open: Set<ServerResponse>;
  /** The answer to the newest request. */
  last: ServerResponse;
}

const bySocket = new WeakMap<Socket, Asked>();

/** Undefined until a whole header came on this socket. */
export const askedOn = (socket: Socket): Asked | undefined => bySocket.get(socket);

/** @param whenAnswered called after each answer of a socket, with what is left open there */
export function watchAnswers(server: Server, whenAnswered: (socket: Socket) => void): void {
  server.on('request', ({ socket }, response) => {
    const asked = bySocket.get(socket) ?? { open: new Set(), last: response };
    bySocket.set(socket, asked);
    asked.last = response;
    asked.open.add(response);
    response.once('close', () => {
      asked.open.delete(response);
      whenAnswered(socket);
    });
  });
}

interface Connection {
  readonly socket: Socket;
  readonly address: string;
}

type Bound = 'address' | 'all';

export interface ConnectionOptions {
  readonly limits: Pick<
    HttpLimits,
    'connections' | 'connectionsPerAddress' | 'probeConnections' | 'connectionsLogEveryMs'
  >;
  /** Addresses and networks that bring the connections of many: only the bound of all holds for them. */
  readonly proxies: readonly string[];
  readonly metrics: Registry;
}

/** Watches every connection of the app's server. */
export function addConnectionLimits(app: HttpApp, { limits, proxies, metrics }: ConnectionOptions): void {
  const within = new Map<Socket, Connection>();
  const byAddress = new Map<string, Set<Connection>>();
  const beyond = new Map<Socket, Connection>();
  const isProxy = membershipOf(proxies);
  const report = reporter(app, metrics, limits, () => within.size + beyond.size);
  const siblingsOf = ({ address }: Connection): ReadonlySet<Connection> => byAddress.get(address) ?? new Set();

  function boundFor(connection: Connection): Bound | undefined {
    const { remoteAddress = '' } = connection.socket;
    if (siblingsOf(connection).size >= limits.connectionsPerAddress && !isProxy(remoteAddress)) return 'address';
    return within.size >= limits.connections ? 'all' : undefined;
  }

  function takeIn(connection: Connection): void {
    beyond.delete(connection.socket);
    within.set(connection.socket, connection);
    byAddress.set(connection.address, (byAddress.get(connection.address) ?? new Set()).add(connection));
  }

  function forget(connection: Connection): void {
    beyond.delete(connection.socket);
    within.delete(connection.socket);
    const siblings = byAddress.get(connection.address);
    siblings?.delete(connection);
    if (siblings?.size === 0) byAddress.delete(connection.address);
  }

  function end(connection: Connection): void {
    // Before its event: the next connection may come earlier.
    forget(connection);
    connection.socket.destroy();
  }

  const leastOf = (candidates: Iterable<Connection>) => leastWorth(candidates, (one) => siblingsOf(one).size);

  /** Whether the connection counts as one within the bounds from now on. */
  function makeRoom(connection: Connection): boolean {
    for (let bound = boundFor(connection); bound !== undefined; bound = boundFor(connection)) {
      const victim = leastOf(bound === 'address' ? siblingsOf(connection) : within.values());
      if (!victim) return false;
      end(victim);
    }
    takeIn(connection);
    return true;
  }

  function takeBeyond(connection: Connection, bound: Bound): void {
    report(bound, connection.address);
    // The connection that makes room is chosen when the request is here: before that, other requests may not have been read either.
    const displaced = beyond.size < limits.probeConnections ? undefined : (leastOf(beyond.values()) ?? connection);
    if (displaced !== connection) beyond.set(connection.socket, connection);
    if (displaced) end(displaced);
  }

  app.server.on('connection', (socket: Socket) => {
    const connection: Connection = { socket, address: addressGroup(socket.remoteAddress ?? '') };
    socket.once('close', () => forget(connection));
    const bound = boundFor(connection);
    if (bound === undefined) takeIn(connection);
    else takeBeyond(connection, bound);
  });

  // An answered connection moves to the end of both collections, so that the first idle one is the one that is idle longest.
  watchAnswers(app.server, (socket) => {
    const connection = within.get(socket);
    if (!connection) return;
    forget(connection);
    takeIn(connection);
  });

  app.addHook('onRequest', async (request, reply) => {
    const connection = beyond.get(request.raw.socket);
    if (!connection || makeRoom(connection)) return;
    reply.header('Connection', 'close');
    if (request.routeOptions.config?.probe !== true)
      throw new Failure('overloaded', 'There are too many connections, and all of them are at work; try again.');
  });
}

/** The least valuable connection; among equals, the first one of the address with most connections. Undefined when all are at work. */
function leastWorth(
  candidates: Iterable<Connection>,
  siblingsOf: (connection: Connection) => number,
): Connection | undefined {
  let least: { connection: Connection; worth: number; siblings: number } | undefined;
  for (const connection of candidates) {
    const worth = worthOf(connection);
    if (worth === atWork) continue;
    const siblings = siblingsOf(connection);
    if (!least || worth < least.worth || (worth === least.worth && siblings > least.siblings))
      least = { connection, worth, siblings };
  }
  return least?.connection;
}

const atWork = 4;

/** 0: never sent a whole header; 1: idle; 2: its body is not here; 3: its answer is not read; 4: the service works for it. */
function worthOf({ socket }: Connection): number {
  const asked = askedOn(socket);
  if (!asked) return 0;
  if (asked.open.size === 0) return 1;
  const responses = [...asked.open];
  if (responses.some(({ req, writableEnded }) => req.complete && !writableEnded)) return atWork;
  return responses.some(({ req }) => !req.complete) ? 2 : 3;
}

/** One name for what one caller has: an IPv4 address, or the 64 bits of an IPv6 address that a provider gives to one customer. */
export function addressGroup(address: string): string {
  const bare = address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address;
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.split('%')[0]?.split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return `${[...front, ...Array<string>(zeros).fill('0'), ...back].slice(0, 4).join(':')}::/64`;
}

/** Whether an address is one of these addresses and networks. */
function membershipOf(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => (isIPv4(address) || isIPv6(address)) && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/** Counts what happened at a bound, and says so in the log, once in a while whatever the number. */
function reporter(app: HttpApp, metrics: Registry, limits: ConnectionOptions['limits'], openNow: () => number) {
  const full = new Counter({
    name: 'http_connections_over_limit_total',
    help: 'Connections that came at a limit: that of one address, or that of all',
    labelNames: ['limit'] as const,
    registers: [metrics],
  });
  new Gauge({
    name: 'http_connections',
    help: 'Connections that are open',
    registers: [metrics],
    collect() {
      this.set(openNow());
    },
  });
  let since = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  return (limit: Bound, address: string): void => {
    full.inc({ limit });
    since += 1;
    const now = performance.now();
    if (now - loggedAt < limits.connectionsLogEveryMs) return;
    app.log.warn({ limit, address, connections: openNow(), overLimit: since }, 'connections are at a limit');
    loggedAt = now;
    since = 0;
  };
}
