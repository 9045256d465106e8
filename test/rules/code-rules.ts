// The rules about what code may touch and how it says it, seen in its syntax tree.
import { beginsProcess, isDomain, nameOf, nodesIn, type Source, type SyntaxNode, servesTests } from './sources.ts';
import type { TidyRule } from './tidy-rule.ts';

const environment: TidyRule = {
  name: 'the environment is read in config.ts only',
  faults(source) {
    if (source.path.endsWith('/config.ts') || beginsProcess(source.path) || servesTests(source.path)) return [];
    return membersOf(source, 'process').includes('env')
      ? ['reads process.env; take the value from config.ts, or have it passed in']
      : [];
  },
  catches: [['shared/engine/store.ts', 'const debug = process.env.DEBUG;']],
};

const printing: TidyRule = {
  name: 'only command lines print, and those through shared/terminal, which escapes what others wrote',
  faults(source) {
    const { path } = source;
    if (/^(bench|shared\/terminal)\//.test(path) || (servesTests(path) && beginsProcess(path))) return [];
    const printed = membersOf(source, 'console').map((name) => `calls console.${name}; take a logger, or openOutput`);
    const streams = membersOf(source, 'process').filter((name) => /^std(out|err)$/.test(name));
    return [
      ...printed,
      ...(servesTests(path) ? [] : streams.map((name) => `takes process.${name}; openOutput has it`)),
    ];
  },
  catches: [
    ['shared/engine/store.ts', "console.log('here');"],
    ['system/start.ts', "console.error('there');"],
    ['shared/bin/main.ts', 'process.stdout.write(name);'],
    ['shared/admin/cli.ts', 'const { stderr } = { stderr: process.stderr };'],
  ],
};

const types: TidyRule = {
  name: 'the compiler is not silenced: no any, no ts-ignore',
  faults({ text, nodes }) {
    const faults = [...text.matchAll(/@ts-(ignore|expect-error|nocheck)/g)].map(([word]) => `has ${word}`);
    for (const { type, kind } of nodes()) {
      if (type === 'TsKeywordType' && kind === 'any') faults.push('has the type any');
    }
    return faults;
  },
  catches: [
    ['shared/engine/store.ts', 'const x: any = 1;'],
    ['shared/engine/store.ts', `// ${'@'}ts-ignore\nconst x = 1;`],
  ],
};

const timeWord = /timeout|delay|interval|grace|lifetime|elapsed|duration|heartbeat|wait(?!er|ing)|poll(?!ing)/i;
const withUnit = /(Ms|Seconds|_MS|_SECONDS)(Max|Min|Default|_MAX|_MIN)?$/;

const units: TidyRule = {
  name: 'a number that is a time says its unit',
  faults({ nodes }) {
    const faults: string[] = [];
    for (const node of nodes()) {
      const name = declaredNumber(node);
      if (name && timeWord.test(name) && !withUnit.test(name))
        faults.push(`${name} is a time without a unit; end it in Ms`);
    }
    return faults;
  },
  catches: [
    ['shared/engine/store.ts', 'const retryDelay = 100;'],
    ['shared/engine/store.ts', 'interface Limits { readonly timeout: number }'],
    ['shared/engine/store.ts', 'function wait(pollInterval: number): void {}'],
  ],
};

const exhaustive: TidyRule = {
  name: 'evolve has no default: a new event type must not compile until it is folded',
  faults({ nodes }) {
    const faults: string[] = [];
    for (const node of nodes()) {
      if (nameOf(node.key) !== 'evolve' && nameOf(node.identifier) !== 'evolve') continue;
      const open = nodesIn(node).some(
        ({ type, test }) => type === 'SwitchCase' && (test === null || test === undefined),
      );
      if (open) faults.push('evolve has a default case');
    }
    return faults;
  },
  catches: [
    ['user-service/src/users/user.ts', 'const p = { evolve(v, e) { switch (e.type) { default: return v; } } };'],
  ],
};

const pureDomain: TidyRule = {
  name: 'folds and deciders take time, chance and ids from outside',
  faults(source) {
    if (!isDomain(source) && !/^shared\/contracts\//.test(source.path)) return [];
    const faults = membersOf(source, 'Date', 'Math')
      .filter((name) => name === 'now' || name === 'random')
      .map((name) => `calls ${name}()`);
    for (const { type, callee } of source.nodes()) {
      if (type === 'NewExpression' && nameOf(callee) === 'Date') faults.push('makes a Date');
      if (type === 'CallExpression' && nameOf(callee) === 'randomUUID') faults.push('makes an id');
    }
    return faults;
  },
  catches: [
    ['user-service/src/users/user.ts', 'export const userDecider = { decide: () => Date.now() };'],
    ['user-service/src/users/user.ts', 'export const userProjection = { evolve: () => new Date() };'],
  ],
};

const outsideWorld = /^(set|clear)(Timeout|Interval|Immediate)$|^(process|performance|queueMicrotask)$/;

const pureEngine: TidyRule = {
  name: 'the engine has no timer, no clock and no process of its own',
  faults(source) {
    if (!/^shared\/engine\//.test(source.path) || servesTests(source.path)) return [];
    const faults = membersOf(source, 'Date', 'Math')
      .filter((name) => name === 'now' || name === 'random')
      .map((name) => `calls ${name}()`);
    for (const node of source.nodes()) {
      const name = nameOf(node);
      if (name && outsideWorld.test(name)) faults.push(`takes ${name}; shared/running has what waits and ends`);
      const makesNow = node.type === 'NewExpression' && nameOf(node.callee) === 'Date' && isEmpty(node.arguments);
      if (makesNow) faults.push('makes a Date of now; take a clock');
    }
    return faults;
  },
  catches: [
    ['shared/engine/store.ts', 'const timer = setTimeout(end, ms);'],
    ['shared/engine/store.ts', 'await new Promise(setImmediate);'],
    ['shared/engine/store.ts', 'const nowMs = Date.now();'],
    ['shared/engine/store.ts', 'const now = new Date();'],
    ['shared/engine/store.ts', 'const chance = Math.random();'],
    ['shared/engine/store.ts', "const kill = () => process.kill(process.pid, 'SIGKILL');"],
    ['shared/engine/sagas/store.ts', 'const nowMs = performance.now();'],
  ],
};

function isEmpty(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}

const place = /^(resume|idle|stored)?tokens?$|^offsets?$/i;
const ordering = new Set(['<', '>', '<=', '>=', '+', '-']);

const opaquePlaces: TidyRule = {
  name: 'places are opaque: no token or offset is looked into, or used to order or to count',
  faults({ path, nodes }) {
    if (!/^(shared\/adapters|user-service|shopping-service)\//.test(path) || servesTests(path)) return [];
    const faults: string[] = [];
    for (const { type, operator, left, right, property } of nodes()) {
      if (type === 'MemberExpression' && nameOf(property) === '_data') faults.push('looks into a resume token');
      const compared = type === 'BinaryExpression' && ordering.has(String(operator)) ? [left, right] : [];
      for (const side of compared) {
        const name = nameOf(side) ?? nameOf((side as SyntaxNode).property);
        if (name && place.test(name)) faults.push(`orders or counts by ${name}`);
      }
    }
    return faults;
  },
  catches: [
    ['shared/adapters/mongodb/feed.ts', 'if (stored.token > token) skip();'],
    ['shared/adapters/mongodb/feed.ts', 'const at = token._data.slice(0, 8);'],
    ['shared/adapters/kafka/feed.ts', 'const lag = end - message.offset;'],
    ['shopping-service/src/feeds.ts', 'if (offset < 7) skip();'],
  ],
};

const oneEdge: TidyRule = {
  name: 'every HTTP service is made by createHttpApp: its limits and refusals hold for all',
  faults({ path, nodes }) {
    if (path === 'shared/http/app.ts' || path.startsWith('bench/') || servesTests(path)) return [];
    const made = nodes().filter(({ type, callee }) => type === 'CallExpression' && nameOf(callee) === 'fastify');
    return made.map(() => 'calls fastify(); take createHttpApp');
  },
  catches: [['shopping-service/src/app.ts', 'const app = fastify({ logger });']],
};

const unpacked: TidyRule = {
  name: 'properties and elements stand by themselves, not in a spread of a literal',
  faults({ nodes }) {
    const faults: string[] = [];
    for (const { type, properties, elements, arguments: given } of nodes()) {
      const members = type === 'ObjectExpression' ? properties : type === 'ArrayExpression' ? elements : given;
      for (const member of Array.isArray(members) ? (members as (SyntaxNode | null)[]) : []) {
        const literal = member?.spread ? spreadLiteral(member.arguments ?? member.expression) : undefined;
        if (literal) faults.push(`spreads a literal (${literal}); write its members where the spread stands`);
      }
    }
    return faults;
  },
  catches: [
    ['shared/engine/store.ts', 'const a = { ...{ b, c }, d };'],
    ['shared/engine/store.ts', "const a = { ...({ b: 1 }), c: [...['d', 'e'], f] };"],
    ['shared/engine/store.ts', "const a = new Set([...['b']]);"],
    ['shared/engine/store.ts', 'call(...[a, b]);'],
  ],
};

/** What a spread opens, if that is written there as it stands: a condition has its reason. */
function spreadLiteral(part: unknown): string | undefined {
  const node = part as SyntaxNode;
  if (node.type === 'ParenthesisExpression') return spreadLiteral(node.expression);
  if (node.type === 'ObjectExpression') return 'an object';
  return node.type === 'ArrayExpression' ? 'a list' : undefined;
}

/** The names of the members of these globals that the source touches. */
function membersOf({ nodes }: Source, ...globals: readonly string[]): string[] {
  const names: string[] = [];
  for (const { type, object, property } of nodes()) {
    if (type === 'MemberExpression' && globals.includes(nameOf(object) ?? '')) names.push(nameOf(property) ?? '');
  }
  return names;
}

/** The name of a constant with a literal number, or of a field or parameter of type number. */
function declaredNumber({ type, id, init, key, typeAnnotation, value }: SyntaxNode): string | undefined {
  if (type === 'VariableDeclarator' && (init as SyntaxNode | null)?.type === 'NumericLiteral') return nameOf(id);
  const annotation = (typeAnnotation as { typeAnnotation?: SyntaxNode } | null | undefined)?.typeAnnotation;
  if (annotation?.type !== 'TsKeywordType' || annotation.kind !== 'number') return undefined;
  if (type === 'TsPropertySignature' || type === 'ClassProperty') return nameOf(key);
  return type === 'Identifier' && typeof value === 'string' ? value : undefined;
}

export const codeRules: readonly TidyRule[] = [
  environment,
  printing,
  types,
  units,
  exhaustive,
  pureDomain,
  pureEngine,
  opaquePlaces,
  oneEdge,
  unpacked,
];
