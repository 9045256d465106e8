export { userDecider, userProjection } from './user.ts';
export { deleteUser } from './user-commands.ts';
export { presentUser } from './user-schemas.ts';
