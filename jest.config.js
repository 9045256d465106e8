// Three projects: `unit` needs no server, `store` a real mongod, `e2e` real MongoDB, Kafka and Connect.
const common = {
  testEnvironment: 'node',
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // uuid ships ES modules only; the MongoDB driver loads `os` by a dynamic import, which Jest's CommonJS sandbox has not.
  transformIgnorePatterns: ['/node_modules/(?!uuid/|mongodb/lib/runtime_adapters)'],
  moduleNameMapper: {
    '^@foldline/contracts$': '<rootDir>/contracts/src/index.ts',
    '^foldline$': '<rootDir>/shared/index.ts',
    '^foldline/(mongodb|kafka)$': '<rootDir>/shared/adapters/$1/index.ts',
    '^foldline/fastify$': '<rootDir>/shared/http/index.ts',
    '^foldline/(.+)$': '<rootDir>/shared/$1/index.ts',
    // The law plays the shop's own projections, which the package does not export.
    '^@foldline/shopping-service/dist/(.*)\\.js$': '<rootDir>/shopping-service/$1.ts',
    '^@foldline/(user|shopping)-service/service$': '<rootDir>/$1-service/src/service.ts',
    '^@foldline/user-service/(users|identities)$': '<rootDir>/user-service/src/$1/index.ts',
    '^@foldline/connect/(.*)$': '<rootDir>/connect/$1/index.ts',
    '^@foldline/system$': '<rootDir>/system/index.ts',
    // Its package.json has no slash before it, and is found as any other.
    '^@foldline/examples/(.+/.+)$': '<rootDir>/examples/$1.ts',
  },
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
};

export default {
  // Jest takes one worker less than there are cores, which is one of two.
  maxWorkers: 2,
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: [...common.testPathIgnorePatterns, '\\.store\\.test\\.ts$', '<rootDir>/test/e2e/'],
    },
    {
      ...common,
      displayName: 'store',
      testMatch: ['<rootDir>/**/*.store.test.ts'],
      globalSetup: '<rootDir>/test/store-setup.ts',
      globalTeardown: '<rootDir>/test/store-teardown.ts',
    },
    {
      ...common,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      setupFiles: ['<rootDir>/test/verify-when-asked.ts'],
    },
  ],
};
