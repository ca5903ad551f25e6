/** Writes the tables of `docs` that tests produce: the tests run, and write what they have found out instead of comparing. */
import { runScript } from './run/run.mjs';

process.env.REWRITE_DOCS = '1';
runScript('jest', 'integration/interop-', 'integration/migrating', '--selectProjects', 'integration');
