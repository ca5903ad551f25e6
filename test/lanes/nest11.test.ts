import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';

const require = createRequire(import.meta.url);

function versionOf(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version;
}

describe('the lane of the oldest majors', () => {
  it.each([
    ['@nestjs/common', '11.'],
    ['@nestjs/core', '11.'],
    ['@nestjs/microservices', '11.'],
    ['@nestjs/testing', '11.'],
    ['@nestjs/terminus', '11.'],
    ['ioredis', '5.'],
  ])('loads %s %s', (name, major) => {
    expect(versionOf(name).startsWith(major)).toBe(true);
  });

  it('refuses a Nest package that would come from outside the lane', () => {
    expect(() => versionOf('@nestjs/cli')).toThrow("Cannot find module '@nestjs/cli/package.json'");
  });

  it('shares one copy of rxjs with Nest', async () => {
    const { Observable } = await import('rxjs');
    const { ClientProxy } = await import('@nestjs/microservices');
    class Silent extends ClientProxy {
      connect = () => Promise.resolve();
      close = () => undefined;
      publish = () => () => undefined;
      dispatchEvent = () => Promise.resolve() as Promise<never>;
      unwrap = (): never => {
        throw new Error('nothing inside');
      };
    }
    expect(new Silent().send('pattern', {})).toBeInstanceOf(Observable);
  });
});
