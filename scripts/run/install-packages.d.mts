/** Brings `node_modules` of a folder to what its lock file says. Does nothing when it is so already. */
export function installPackages(folder: string): void;
