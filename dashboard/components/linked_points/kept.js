// Points by their version, for all views on this page. They travel by themselves, ahead of what is said of them, so that
// another axis or a switch does not send them again.

const MOST_KEPT = 4;
const kept = (globalThis.attnCorePoints ||= { tables: new Map(), waiting: new Set() });

function keep(version, table) {
  kept.tables.delete(version);
  kept.tables.set(version, table);
  const [oldest] = kept.tables.keys();
  if (kept.tables.size > MOST_KEPT) kept.tables.delete(oldest);
  for (const look of [...kept.waiting]) look();
}
