/** Holds a source tree against the rules; each violation reads `path:line what is wrong`. */
export function checkImports(folder: string): { files: number; violations: string[] };
