import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const noReExportOfEverything = {
  selector: 'ExportAllDeclaration',
  message: 'Name what is exported: `export *` hides the public face.',
};

const noSkippedTests = [
  {
    selector:
      'MemberExpression[property.name=/^(skip|skipIf|only|todo|failing)$/]:matches([object.name=/^(describe|it|test)$/], [object.object.name=/^(describe|it|test)$/])',
    message: 'Every test runs: no skip, only, todo or failing. Repair the test or remove it.',
  },
  {
    selector: 'CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]',
    message: 'Every test runs: no x- and f- forms. Repair the test or remove it.',
  },
];

const noSleep = [
  {
    selector: 'NewExpression[callee.name="Promise"] CallExpression[callee.name="setTimeout"]',
    message: 'Await an event, or poll a condition with a deadline, instead of sleeping.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?timers\\u002Fpromises$/]',
    message: 'Await an event, or poll a condition with a deadline, instead of sleeping.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.redis/', 'bench/cost/compiled/', '**/node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // A Nest module is a class without a body.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-restricted-syntax': ['error', noReExportOfEverything],
      // A field may change while we await; the compiler's narrowing, on which this rule rests, does not see it.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // What promises to be asynchronous may have nothing to await, and still answers with a rejection.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'max-lines': ['error', 250], 'no-console': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': ['error', 400],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['test/**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', noReExportOfEverything, ...noSkippedTests, ...noSleep] },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'console',
          'process',
          'URL',
          'globalThis',
          'setTimeout',
          'clearTimeout',
          'performance',
          'Buffer',
          '__dirname',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { 'no-restricted-syntax': ['error', noReExportOfEverything] },
  },
);
