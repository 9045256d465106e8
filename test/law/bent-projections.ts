// Projections that are wrong on purpose, for calibration: each bends one of the things that a projection declares.
import type { Projection, View } from 'foldline/engine';

type Evolve = (view: View, event: Parameters<Projection['evolve']>[1], right: Projection['evolve']) => View;

export function evolving(evolve: Evolve): (projection: Projection) => Projection {
  return (projection) => ({
    ...projection,
    evolve: (view, event) => evolve(view, event, (before, one) => projection.evolve(before, one)),
  });
}

type RefersTo = NonNullable<Projection['refersTo']>;

export function referringTo(refersTo: (view: View, right: RefersTo) => ReturnType<RefersTo>) {
  return (projection: Projection): Projection => {
    const { refersTo: right } = projection;
    return right ? { ...projection, refersTo: (view) => refersTo(view, right) } : projection;
  };
}

type Names = (event: Parameters<Projection['evolve']>[1]) => readonly string[];

export function naming(names: (event: Parameters<Names>[0], right: Names) => readonly string[]) {
  return (projection: Projection): Projection => ({
    ...projection,
    names: (event) => names(event, (one) => projection.names?.(one) ?? []),
  });
}
