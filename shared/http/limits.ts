// Every limit of the HTTP edge in one place, with its unit in its name. Node's own defaults leave several of them
// open (a slow body may take for ever), so nothing here may be zero.

export interface HttpLimits {
  /** The largest body that is read; equals the largest event that is stored. */
  bodyLimitBytes: number;
  /** How deep a body may nest, so that whatever walks it later needs no guard of its own. */
  bodyDepth: number;
  /** The longest part of a path as it is sent: 200 characters of four bytes, each byte percent-encoded. */
  pathPartBytes: number;
  /** Of all headers together. Their number is not limited beside it. */
  headersBytes: number;
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /** How often half-sent requests are looked for; Node's default of 30 s would make the two limits above a fiction. */
  timeoutCheckMs: number;
  /** Silence on a socket. Above the longest `Prefer: wait`, in which the socket is rightly silent. */
  connectionTimeoutMs: number;
  keepAliveTimeoutMs: number;
  /** A last resort above the longest `Prefer: wait` (30 s): no request holds its resources for ever. */
  handlerTimeoutMs: number;
  requestsPerSocket: number;
  /** At work at one moment, without those that wait for a version. */
  requestsInFlight: number;
  /** Of all callers together. */
  connections: number;
  /** Of one address, or of the 64 bits that an IPv6 network has; not of a trusted proxy. */
  connectionsPerAddress: number;
  /** Beyond both: for probes, and for requests that another connection makes room for. */
  probeConnections: number;
  /** The shortest time between two log lines about these limits. */
  connectionsLogEveryMs: number;
  requestsPerMinute: number;
  eventLoopDelayMs: number;
  /** 0: not looked at; the right figure depends on the machine. */
  heapUsedBytes: number;
  readinessMs: number;
}

export const defaultLimits: HttpLimits = {
  bodyLimitBytes: 262_144,
  bodyDepth: 20,
  pathPartBytes: 2_400,
  headersBytes: 16_384,
  headersTimeoutMs: 8_000,
  requestTimeoutMs: 10_000,
  timeoutCheckMs: 2_000,
  connectionTimeoutMs: 45_000,
  keepAliveTimeoutMs: 5_000,
  handlerTimeoutMs: 40_000,
  requestsPerSocket: 1_000,
  requestsInFlight: 200,
  connections: 1_000,
  connectionsPerAddress: 250,
  probeConnections: 50,
  connectionsLogEveryMs: 10_000,
  requestsPerMinute: 3_000,
  eventLoopDelayMs: 1_000,
  heapUsedBytes: 0,
  readinessMs: 5_000,
};
