export * from './fields.ts';
export * from './generations.ts';
export * from './http-url.ts';
export * from './levers.ts';
export * from './limits.ts';
export * from './settings.ts';
export * from './system.ts';
export * from './verification.ts';
