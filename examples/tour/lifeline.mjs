/** Preloaded into the programs of the tour, which run in sessions of their own: they end when the tour has ended. */
process.once('disconnect', () => process.exit());
