// Bounds the connections of a server, in all and for each address, so that nobody who opens many keeps others out. At a bound the
// connection that is worth least makes room; where all are at work, a few more are taken, for probes alone.
import type { ServerResponse } from 'node:http';
import { BlockList, isIPv4, isIPv6, type Socket } from 'node:net';
import { Counter, Gauge, type Registry } from 'prom-client';
import { Failure } from '../engine/index.ts';
import type { HttpApp } from './app.ts';
import type { HttpLimits } from './limits.ts';

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** What was asked and is not answered to its end. */
  readonly open: Set<ServerResponse>;
  served: boolean;
  /** Taken beyond a bound: probes are answered, and nothing else. */
  forProbes: boolean;
}

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
  const connections = new Map<Socket, Connection>();
  const byAddress = new Map<string, Set<Connection>>();
  const isProxy = membershipOf(proxies);
  const report = reporter(app, metrics, limits, connections);

  function forget(connection: Connection): void {
    connections.delete(connection.socket);
    const others = byAddress.get(connection.address);
    others?.delete(connection);
    if (others?.size === 0) byAddress.delete(connection.address);
  }

  function end(connection: Connection): void {
    // Before its event: the next connection may come earlier.
    forget(connection);
    connection.socket.destroy();
  }

  function makeRoom(newcomer: Connection, siblings: ReadonlySet<Connection>): void {
    const bound = boundAt(siblings.size, newcomer);
    if (bound === undefined) return;
    const victim = leastOf(bound === 'address' ? siblings : connections.values(), newcomer, byAddress);
    if (victim) end(victim);
    else if (countForProbes(connections) < limits.probeConnections) newcomer.forProbes = true;
    else end(newcomer);
    report(bound, newcomer.address);
  }

  function boundAt(siblings: number, { socket }: Connection): 'address' | 'all' | undefined {
    if (siblings > limits.connectionsPerAddress && !isProxy(socket.remoteAddress ?? '')) return 'address';
    return connections.size > limits.connections ? 'all' : undefined;
  }

  app.server.on('connection', (socket: Socket) => {
    const address = addressGroup(socket.remoteAddress ?? '');
    const connection: Connection = { socket, address, open: new Set(), served: false, forProbes: false };
    const siblings = byAddress.get(address) ?? new Set();
    byAddress.set(address, siblings.add(connection));
    connections.set(socket, connection);
    socket.once('close', () => forget(connection));
    makeRoom(connection, siblings);
  });

  app.server.on('request', (request, response) => {
    const connection = connections.get(request.socket);
    if (!connection) return;
    connection.served = true;
    connection.open.add(response);
    response.once('close', () => connection.open.delete(response));
  });

  app.addHook('onRequest', async (request, reply) => {
    if (connections.get(request.raw.socket)?.forProbes !== true) return;
    reply.header('Connection', 'close');
    if (request.routeOptions.config?.probe !== true)
      throw new Failure('overloaded', 'There are too many connections, and all of them are at work; try again.');
  });
}

function countForProbes(connections: ReadonlyMap<Socket, Connection>): number {
  let count = 0;
  for (const { forProbes } of connections.values()) if (forProbes) count += 1;
  return count;
}

/** The connection that is worth least, the oldest of the address with most among equals; none where all are at work. */
function leastOf(
  candidates: Iterable<Connection>,
  newcomer: Connection,
  byAddress: ReadonlyMap<string, ReadonlySet<Connection>>,
): Connection | undefined {
  let least: { connection: Connection; worth: number; siblings: number } | undefined;
  for (const connection of candidates) {
    const worth = worthOf(connection);
    if (connection === newcomer || worth === atWork) continue;
    const siblings = byAddress.get(connection.address)?.size ?? 0;
    if (!least || worth < least.worth || (worth === least.worth && siblings > least.siblings))
      least = { connection, worth, siblings };
  }
  return least?.connection;
}

const atWork = 4;

/** 0: never sent a whole header; 1: idle; 2: its body is not here; 3: its answer is not read; 4: the service works for it. */
function worthOf({ open, served }: Connection): number {
  if (open.size === 0) return served ? 1 : 0;
  const responses = [...open];
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
function reporter(
  app: HttpApp,
  metrics: Registry,
  limits: ConnectionOptions['limits'],
  connections: ReadonlyMap<Socket, Connection>,
) {
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
      this.set(connections.size);
    },
  });
  let since = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  return (limit: 'address' | 'all', address: string): void => {
    full.inc({ limit });
    since += 1;
    const now = performance.now();
    if (now - loggedAt < limits.connectionsLogEveryMs) return;
    app.log.warn({ limit, address, connections: connections.size, overLimit: since }, 'connections are at a limit');
    loggedAt = now;
    since = 0;
  };
}
