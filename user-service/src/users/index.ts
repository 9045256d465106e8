export { deleteUser } from './delete-user.ts';
export { userDecider, userProjection } from './user.ts';
export { presentUser } from './user-schemas.ts';
