import { jest } from '@jest/globals';

jest.setTimeout(globalThis.TEST_TIMEOUT);
