/** The arguments that let Node run a TypeScript file as a process of its own. */
export const TYPESCRIPT = ['--import', new URL('../../scripts/run/typescript.mjs', import.meta.url).href];
