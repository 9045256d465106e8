// Settings of the benches: those of the services, so that what is measured is what runs.
import { commonSettings, readSettings } from 'foldline/config';

export function benchSettings() {
  return readSettings(commonSettings, {
    ...process.env,
    MONGODB_URI: process.env.MONGODB_URI ?? 'mongodb://127.0.0.1',
  });
}
