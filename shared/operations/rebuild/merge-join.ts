// Joins two streams that are sorted by one key: each key comes once, with the values of both streams. Only the two values at hand are in
// memory. Keys are sorted by their code units, which is the order of the store where keys are ASCII.

export interface Pair<A, B> {
  readonly key: string;
  readonly one: A | undefined;
  readonly other: B | undefined;
}

interface Keyed {
  readonly _id: string;
}

export async function* mergeJoin<A extends Keyed, B extends Keyed>(
  ones: AsyncIterable<A>,
  others: AsyncIterable<B>,
): AsyncGenerator<Pair<A, B>> {
  const [left, right] = [ones[Symbol.asyncIterator](), others[Symbol.asyncIterator]()];
  try {
    let [a, b] = await Promise.all([left.next(), right.next()]);
    while (!a.done || !b.done) {
      const [one, other] = [taken(a), taken(b)];
      const key = one && (!other || one._id <= other._id) ? one._id : (other as B)._id;
      const pair = { key, one: one?._id === key ? one : undefined, other: other?._id === key ? other : undefined };
      yield pair;
      [a, b] = await Promise.all([pair.one ? left.next() : a, pair.other ? right.next() : b]);
    }
  } finally {
    await Promise.all([left.return?.(), right.return?.()]);
  }
}

function taken<T>({ done, value }: IteratorResult<T>): T | undefined {
  return done ? undefined : value;
}
