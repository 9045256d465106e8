// The whole system on this machine: the stack of both services, and the line by which other programs find it.
// Used by `npm start` and, the same way, by the end-to-end tests.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readConfig as readShoppingConfig } from '@foldline/shopping-service/service';
import { readConfig as readUserConfig } from '@foldline/user-service/service';
import { defaultConnectorFolder } from 'foldline/connect';
import { kafkaLogin } from './config.ts';
import { SystemFailure } from './failure.ts';
import type { Servers } from './servers.ts';
import type { ServiceHandle } from './services.ts';
import { type ServiceSpec, type StackOptions, startStack } from './stack.ts';

export interface SystemOptions extends Omit<StackOptions, 'connectors' | 'services'> {
  readonly userServicePort: number;
  readonly shoppingServicePort: number;
}

export interface System {
  readonly servers: Servers;
  readonly userService: ServiceHandle;
  readonly shoppingService: ServiceHandle;
  /** What other programs need to find the system: the closing line of `npm start`. */
  readonly ready: ReadyLine;
  /** Services first, servers last. */
  close(): Promise<void>;
}

export interface ReadyLine {
  readonly mode: 'kafka' | 'embedded';
  readonly userService: string;
  readonly shoppingService: string;
  readonly mongodb: string;
  readonly kafka: string | null;
  readonly connect: string | null;
}

/** All or nothing. @throws SystemFailure or ConnectFailure naming what did not start; nothing is left running */
export async function startSystem(options: SystemOptions): Promise<System> {
  const users: ServiceSpec = {
    name: 'user-service',
    script: serverScript('user-service'),
    portVariable: 'USER_SERVICE_PORT',
    port: options.userServicePort,
    secrets: ['API_TOKENS'],
    check: readUserConfig,
  };
  const shop: ServiceSpec = {
    name: 'shopping-service',
    script: serverScript('shopping-service'),
    portVariable: 'SHOPPING_SERVICE_PORT',
    port: options.shoppingServicePort,
    secrets: ['API_TOKENS', 'USER_SERVICE_TOKEN', ...kafkaLogin],
    check: readShoppingConfig,
    env: (before: ReadonlyMap<string, ServiceHandle>) => ({ USER_SERVICE_URL: before.get('user-service')?.url }),
  };
  const stack = await startStack({ ...options, connectors: defaultConnectorFolder, services: [users, shop] });
  const userService = stack.services.get('user-service') as ServiceHandle;
  const shoppingService = stack.services.get('shopping-service') as ServiceHandle;
  return {
    servers: stack.servers,
    userService,
    shoppingService,
    close: stack.close,
    ready: readyLine(stack.servers, userService, shoppingService),
  };
}

function readyLine(servers: Servers, userService: ServiceHandle, shoppingService: ServiceHandle): ReadyLine {
  return {
    mode: servers.brokers === null ? 'embedded' : 'kafka',
    userService: userService.url,
    shoppingService: shoppingService.url,
    mongodb: servers.mongodbUri,
    kafka: servers.brokers,
    connect: servers.connectUrl,
  };
}

function serverScript(name: string): string {
  const root = dirname(createRequire(import.meta.url).resolve(`@foldline/${name}/package.json`));
  const script = join(root, 'dist', 'src', 'server.js');
  if (!existsSync(script)) throw new SystemFailure(`${name} is not built: run npm run build first`);
  return script;
}
