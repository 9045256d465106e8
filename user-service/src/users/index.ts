export { userProjection } from './user.ts';
