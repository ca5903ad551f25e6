import { expect, it } from '@jest/globals';

import { explainFailure } from '../../src/redis/words.js';

const AT = { what: 'redis', address: '127.0.0.1:6380', master: null } as const;

it.each([
  [
    'self-signed certificate in certificate chain',
    'No TLS connection to Redis (127.0.0.1:6380): self-signed certificate in certificate chain. Give the authority that signed its certificate as redis.tls.ca.',
  ],
  [
    'SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:rec_layer_s3.c:1601:SSL alert number 116\n',
    'No TLS connection to Redis (127.0.0.1:6380): SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:rec_layer_s3.c:1601:SSL alert number 116. The server asks who you are: give a certificate that it trusts, and its key, as redis.tls.cert and redis.tls.key.',
  ],
])('explains %j', (message, words) => {
  expect(explainFailure(new Error(message), AT)).toBe(words);
});
