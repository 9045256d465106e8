// One more process of shopping-service on the servers of a test system.
import { resolve } from 'node:path';
import { type ServiceProcess, type ServiceProcessOptions, startServiceProcess } from './service-process.ts';
import type { TestSystem } from './test-system.ts';

export type ShopProcessOptions = Pick<ServiceProcessOptions, 'name' | 'port' | 'env'>;
export type ShopProcess = ServiceProcess;

/** Returns as soon as it runs, not when it answers. */
export function startShopProcess(system: TestSystem, { env, ...options }: ShopProcessOptions): Promise<ShopProcess> {
  return startServiceProcess(system.servers, {
    ...options,
    script: resolve('shopping-service', 'dist', 'src', 'server.js'),
    portVariable: 'SHOPPING_SERVICE_PORT',
    env: { USER_SERVICE_URL: system.ready.userService, ...env },
  });
}
