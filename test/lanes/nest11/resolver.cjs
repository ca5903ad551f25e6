const { sep } = require('node:path');
const { dependencies } = require('./package.json');

const own = Object.keys(dependencies);

/** Whether the request is for Nest or for a package of this lane, wherever it comes from. */
function belongsToLane(request) {
  return (
    request.startsWith('@nestjs/') || own.some((name) => request === name || request.startsWith(`${name}/`))
  );
}

/**
 * Jest resolver that takes Nest, ioredis and what they share from this folder, for every file alike, so that
 * only one copy of each is loaded.
 */
module.exports = (request, options) => {
  if (!belongsToLane(request)) return options.defaultResolver(request, options);
  const resolved = options.defaultResolver(request, { ...options, basedir: __dirname });
  // Without this a package that is missing here would silently come from the project's own node_modules.
  if (!resolved.startsWith(__dirname + sep)) throw new Error(`'${request}' is not installed in ${__dirname}`);
  return resolved;
};
