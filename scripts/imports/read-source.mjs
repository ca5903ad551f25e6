import ts from 'typescript';

/**
 * What one source file imports and touches.
 *
 * @typedef {object} Source
 * @property {{ specifier: string, line: number, typeOnly: boolean }[]} imports
 * @property {number[]} exportStars lines with `export *`
 * @property {{ name: string, line: number }[]} globals what is used as a value and not
 *   declared here: `Date.now`, or `Date` alone
 * @property {boolean} onlyReExports whether the file does nothing but pass on what others export
 */

/** @returns {Source} */
export function readSource(fileName, text) {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const lineOf = (node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const imports = [];
  const exportStars = [];
  const uses = [];
  const declared = new Set();

  const addImport = (node, specifier, typeOnly) => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      imports.push({ specifier: specifier.text, line: lineOf(node), typeOnly });
    }
  };

  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      addImport(node, node.moduleSpecifier, isTypeOnlyImport(node.importClause));
    } else if (ts.isExportDeclaration(node)) {
      addImport(node, node.moduleSpecifier, isTypeOnlyExport(node));
      if (!node.exportClause || ts.isNamespaceExport(node.exportClause)) exportStars.push(lineOf(node));
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      addImport(node, node.moduleReference.expression, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      addImport(node, node.argument.literal, true);
    } else if (ts.isCallExpression(node) && isModuleCall(node.expression)) {
      addImport(node, node.arguments[0], false);
    } else if (ts.isIdentifier(node)) {
      if (isDeclaredName(node)) declared.add(node.text);
      else if (isValueUse(node)) uses.push({ name: nameOfUse(node), line: lineOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);

  return {
    imports,
    exportStars,
    globals: uses.filter(({ name }) => !declared.has(name.split('.')[0])),
    onlyReExports:
      file.statements.length > 0 &&
      file.statements.every((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier),
  };
}

function isTypeOnlyImport(clause) {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword || clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  return (
    !clause.name &&
    names !== undefined &&
    ts.isNamedImports(names) &&
    names.elements.length > 0 &&
    names.elements.every((element) => element.isTypeOnly)
  );
}

function isTypeOnlyExport(node) {
  if (node.isTypeOnly) return true;
  const clause = node.exportClause;
  return (
    clause !== undefined &&
    ts.isNamedExports(clause) &&
    clause.elements.length > 0 &&
    clause.elements.every((element) => element.isTypeOnly)
  );
}

function isModuleCall(callee) {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
  );
}

/** Whether the identifier gives a name to something: a variable, a parameter, a class, an import. */
function isDeclaredName(node) {
  const { parent } = node;
  return (
    (ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isBindingElement(parent) ||
      ts.isFunctionDeclaration(parent) ||
      ts.isClassDeclaration(parent) ||
      ts.isImportSpecifier(parent) ||
      ts.isImportClause(parent)) &&
    parent.name === node
  );
}

/** Whether the identifier is read as a value: not a member's name, a key, nor part of a type. */
function isValueUse(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if ('name' in parent && parent.name === node) return false;
  return !ts.isPartOfTypeNode(node) && !ts.isTypeReferenceNode(parent) && !ts.isQualifiedName(parent);
}

/** The identifier with the member that is read of it, if any: `Math.random`. */
function nameOfUse(node) {
  const { parent } = node;
  return ts.isPropertyAccessExpression(parent) ? `${node.text}.${parent.name.text}` : node.text;
}
