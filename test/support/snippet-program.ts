import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeConsumer } from './consumer.js';
import { root, type Snippet } from './markdown.js';

/** What a snippet may leave out because the page has shown it before: name → how it comes in. */
const USUAL: Record<string, string> = {
  ...fromPackage(
    '@nestjs/common',
    'Controller Get Module type:ExecutionContext type:INestApplication type:INestMicroservice',
  ),
  ...fromPackage('@nestjs/core', 'NestFactory'),
  ...fromPackage('@nestjs/microservices', 'Ctx EventPattern MessagePattern Payload Transport'),
  ...fromPackage('@nestjs/terminus', 'HealthCheck type:HealthCheckService type:TypeOrmHealthIndicator'),
  ...fromPackage(
    '@redis-resilient/nestjs',
    'InjectRedisResilientClient OnSubscriptionGap RedisResilientClient RedisResilientContext RedisResilientModule ' +
      'RedisResilientMonitor RedisResilientServer getRedisResilientToken getTransportId serveRedisResilientProbes ' +
      'type:RedisResilientHealthIndicator type:SubscriptionGap',
  ),
  app: "declare const app: import('@nestjs/common').INestApplication;",
  worker: "declare const worker: import('@nestjs/common').INestMicroservice;",
  context: "declare const context: import('@nestjs/common').ExecutionContext;",
  AppModule: 'class AppModule {}',
};

/** The class around a snippet that shows a method only. */
const AROUND_A_METHOD = `class Around {
  declare readonly orders: { readAgain(hint: { lastMilliseconds: number; because: string }): Promise<void> };
  declare readonly health: import('@nestjs/terminus').HealthCheckService;
  declare readonly redis: import('@redis-resilient/nestjs').RedisResilientHealthIndicator;
  declare readonly db: { pingCheck(key: string): Promise<import('@nestjs/terminus').HealthIndicatorResult> };
`;

function fromPackage(from: string, names: string): Record<string, string> {
  return Object.fromEntries(
    names.split(' ').map((each) => {
      const name = each.replace('type:', '');
      return [name, `import ${each === name ? '' : 'type '}{ ${name} } from '${from}';`];
    }),
  );
}

/** A snippet as a module that compiles if the snippet is right. */
function moduleOf({ code }: Snippet): string {
  const isMethod = /^\s*@\w/.test(code) && !/\bclass\b/.test(code);
  const isDecorator = /^\s*@\w[^\n]*\)\s*$/.test(code);
  const isStatement = /^\s*if \(/.test(code);
  const body = isMethod
    ? `${AROUND_A_METHOD}${code}${isDecorator ? 'decorated(_data: unknown): void {}' : ''}\n}\nvoid Around;`
    : isStatement
      ? `export function around(): boolean {\n${code}\nreturn false;\n}`
      : code;
  const known = Object.keys(USUAL).filter((name) => uses(body, name) && !declares(code, name));
  return [...known.map((name) => USUAL[name]), body, 'export {};'].join('\n');
}

function uses(code: string, name: string): boolean {
  return new RegExp(`(?<![.\\w'"/])${name}\\b`).test(code.replace(/\/\/.*$/gm, ''));
}

function declares(code: string, name: string): boolean {
  return new RegExp(
    `\\b(const|let|class|function) ${name}\\b|^import [^;]*\\b${name}\\b[^;]* from|@Ctx\\(\\) ${name}\\b`,
    'm',
  ).test(code);
}

/** What pages import from `./orders.controller.js`. */
const ORDERS_CONTROLLER = 'export class OrdersController { orders: unknown[] = []; }';

/**
 * What the compiler says about the snippets, against the built package, all in one run: lines that begin with the place in
 * the page.
 */
export function compileSnippets(snippets: readonly Snippet[]): string[] {
  const folder = makeConsumer();
  try {
    const places = new Map(snippets.map((snippet, index) => [`snippet${index}.ts`, snippet]));
    for (const [file, snippet] of places) writeFileSync(join(folder, file), moduleOf(snippet));
    writeFileSync(join(folder, 'orders.controller.ts'), ORDERS_CONTROLLER);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout
      .split('\n')
      .filter((line) => line.includes('error TS'))
      .map((line) => {
        const [file = ''] = line.split('(');
        const { page, line: at } = places.get(file) ?? {};
        return `${page ?? file}:${at}: ${line}`;
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const OPTIONS = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  isolatedModules: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  types: ['node'],
  noEmit: true,
};
