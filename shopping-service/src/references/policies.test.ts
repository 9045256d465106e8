// Goal: the policies for removed targets are set by one variable, whose every fault is named with what exists instead.
// Method: the setting parsed alone, and as part of the whole configuration.
import { SettingsFault } from 'foldline';
import { readConfig } from '../service.ts';
import { everythingKept, isDetached, removalPoliciesSetting } from './policies.ts';

const environment = {
  MONGODB_URI: 'mongodb://127.0.0.1/',
  FEED_COLLECTIONS: 'user-events=users.UserEvents',
};
const configured = (policies: string) =>
  readConfig({ ...environment, REMOVED_REFERENCES: policies }).REMOVED_REFERENCES;

test('fields that are not named are kept, and so is everything where nothing is set', () => {
  expect(configured('categoryId=detach, sellerId = keep')).toEqual({ ...everythingKept, categoryId: 'detach' });
  expect(configured('lines.itemId=detach,customerId=detach')).toEqual({
    ...everythingKept,
    'lines.itemId': 'detach',
    customerId: 'detach',
  });
  expect(configured('')).toBeUndefined();
});

test.each([
  ['category=detach', /no field "category", only categoryId, sellerId, customerId, lines\.itemId/],
  ['toString=keep', /no field "toString"/],
  ['categoryId=hide', /no policy "hide" for categoryId, only keep and detach/],
  ['categoryId=', /no policy "" for categoryId/],
  ['categoryId', /list of <field>=<policy>, but has "categoryId"/],
  ['categoryId=keep=detach', /list of <field>=<policy>/],
  ['categoryId=keep,', /but has ""/],
  ['categoryId=keep,categoryId=keep', /categoryId is there twice/],
])('%s is refused at the start, naming what exists', (text, says) => {
  expect(() => configured(text)).toThrow(SettingsFault);
  expect(() => configured(text)).toThrow(says);
});

test('every fault of a list is named at once', () => {
  const { error } = removalPoliciesSetting.safeParse('a=keep,categoryId=b');
  expect(error?.issues).toHaveLength(2);
});

test('only what was removed is detached, and only where the policy says so', () => {
  const policies = { ...everythingKept, categoryId: 'detach' } as const;
  expect(isDetached(policies, 'categoryId', 'removed')).toBe(true);
  expect(isDetached(policies, 'categoryId', 'available')).toBe(false);
  expect(isDetached(policies, 'categoryId', 'notYetAvailable')).toBe(false);
  expect(isDetached(policies, 'sellerId', 'removed')).toBe(false);
});
