// Finds every regular expression in a source: literals, and those that are made from constant texts. What a pattern is
// made of must be known without running the code; a pattern that is not is returned without its text.
import { nameOf, type Source, type SyntaxNode } from './sources.ts';

export interface Pattern {
  readonly path: string;
  /** Undefined where the pattern is made from what only running code knows. */
  readonly source: string | undefined;
  readonly flags: string;
}

/** Every regular expression of the source, in its order. */
export function patternsOf(source: Source): Pattern[] {
  const { path } = source;
  return source.nodes().flatMap((node): Pattern[] => {
    if (node.type === 'RegExpLiteral') return [{ path, source: String(node.pattern), flags: String(node.flags) }];
    if (!makesPattern(node)) return [];
    const [text, flags] = (node.arguments as readonly { readonly expression: SyntaxNode }[] | undefined) ?? [];
    const known = text && constantText(text.expression, source);
    return [{ path, source: known, flags: (flags && constantText(flags.expression, source)) ?? '' }];
  });
}

function makesPattern({ type, callee }: SyntaxNode): boolean {
  return (type === 'NewExpression' || type === 'CallExpression') && nameOf(callee) === 'RegExp';
}

/** The value of an expression that is made of literals and of constants of the same source. */
function constantText(expression: SyntaxNode, source: Source): string | undefined {
  if (expression.type === 'StringLiteral') return String(expression.value);
  if (expression.type === 'TemplateLiteral') {
    const quasis = expression.quasis as readonly { readonly cooked: string }[];
    const values = (expression.expressions as readonly SyntaxNode[]).map((one) => constantText(one, source));
    if (values.includes(undefined)) return undefined;
    return quasis.map(({ cooked }, at) => cooked + (values[at] ?? '')).join('');
  }
  const name = nameOf(expression);
  const declared = source.nodes().find(({ type, id }) => type === 'VariableDeclarator' && nameOf(id) === name);
  if (name === undefined || !declared?.init) return undefined;
  return constantText(declared.init as SyntaxNode, source);
}
