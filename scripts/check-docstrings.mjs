/**
 * Checks that every name that the entry points export says what it is, and so does every public member of it:
 *
 *     node scripts/check-docstrings.mjs [entry points; those of the package by default]
 */
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
const entries =
  given.length > 0
    ? given
    : ['index.ts', 'testing/index.ts', 'metrics/index.ts'].map((path) => join(root, 'src', path));

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
const program = ts.createProgram(entries, options);
const checker = program.getTypeChecker();

const isDocumented = (symbol) => symbol.getDocumentationComment(checker).length > 0;
const has = (declaration, kind) => declaration.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
const isInternal = (declaration) =>
  ts.getJSDocTags(declaration).some(({ tagName }) => tagName.text === 'internal');

/** What we declare and show: not what is inherited from Nest, private, or internal. */
function isOurs(declaration) {
  const ours = !relative(dirname(entries[0]), declaration.getSourceFile().fileName).startsWith('..');
  const hidden = [
    ts.SyntaxKind.PrivateKeyword,
    ts.SyntaxKind.ProtectedKeyword,
    ts.SyntaxKind.OverrideKeyword,
  ];
  const isHash = declaration.name !== undefined && ts.isPrivateIdentifier(declaration.name);
  return ours && !isHash && !isInternal(declaration) && !hidden.some((kind) => has(declaration, kind));
}

function membersOf(symbol) {
  const containers =
    symbol.declarations?.filter((one) => ts.isClassLike(one) || ts.isInterfaceDeclaration(one)) ?? [];
  if (containers.length === 0) return [];
  const instance = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
  const statics = containers.some(ts.isClassLike) ? [...(symbol.exports?.values() ?? [])] : [];
  return [...instance, ...statics.filter(({ name }) => name !== 'prototype')].filter(
    ({ name, declarations = [] }) =>
      !name.startsWith('__@') && declarations.length > 0 && declarations.every(isOurs),
  );
}

const undocumented = new Set();
for (const entry of entries) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (!isDocumented(symbol)) undocumented.add(exported.name);
    for (const member of membersOf(symbol)) {
      if (!isDocumented(member)) undocumented.add(`${exported.name}.${member.name}`);
    }
  }
}

if (undocumented.size > 0) {
  console.error(`Without a docstring:\n  ${[...undocumented].join('\n  ')}`);
  process.exit(1);
}
