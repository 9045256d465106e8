// What an operator is told when settings or the store keep a long verb from going on.
import { AdminFailure, type Context } from '@foldline/shared/admin';
import { SettingsFault } from '@foldline/shared/config';
import { isFailure } from '@foldline/shared/engine';
import { unavailability } from '@foldline/shared/mongodb';
import { type ImportConfig, readImportConfig } from '../config.ts';

/** @throws AdminFailure `config-invalid`, naming every faulty variable */
export function settingsOf({ env }: Context): ImportConfig {
  try {
    return readImportConfig(env);
  } catch (error) {
    if (!(error instanceof SettingsFault)) throw error;
    throw new AdminFailure('config-invalid', error.message, { cause: error });
  }
}

/** What the store answered, in a sentence for operators; anything unexpected stays what it is. */
export function told(error: unknown): unknown {
  const failure = isFailure(error) ? error : unavailability(error);
  if (!failure) return error;
  const message = `${failure.message} What was stored stays; the same command goes on where this one ended.`;
  return new AdminFailure('service-unreachable', message, { cause: error });
}
