export { adminSettings } from './config.ts';
