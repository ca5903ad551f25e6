/**
 * Finds the circles of a graph: each as the list of its nodes, beginning with the first in the alphabet.
 *
 * @param {Map<string, string[]>} graph every node with those it points to
 */
export function findCycles(graph) {
  const cycles = new Map();
  const done = new Set();
  const path = [];

  const visit = (node) => {
    const start = path.indexOf(node);
    if (start >= 0) {
      const cycle = fromFirst(path.slice(start));
      cycles.set(cycle.join(), cycle);
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };

  for (const node of graph.keys()) visit(node);
  return [...cycles.values()];
}

function fromFirst(cycle) {
  const first = cycle.indexOf([...cycle].sort()[0]);
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}
