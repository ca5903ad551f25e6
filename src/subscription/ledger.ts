import type { Gap, GapCause } from './gap.js';

/** Names an open gap: `link` for the link as a whole, else whatever its opener chose. */
export type GapKey = string;

interface Entry {
  readonly id: number;
  readonly cause: GapCause;
  from: number;
  to: number | null;
  patterns: readonly string[];
  late: number;
  dropped: number;
}

/** Keeps the gaps: opens, widens, closes and settles them, and says each of these moments once. */
export class GapLedger {
  private readonly opened = new Map<GapKey, Entry>();
  /** Closed gaps whose old link still lives, by that link. */
  private readonly unsettled = new Map<number, Entry[]>();
  private ids = 0;

  constructor(private readonly report: (gap: Gap) => void) {}

  /** How many gaps there were, the open ones included. */
  get total(): number {
    return this.ids;
  }

  isOpen(key: GapKey): boolean {
    return this.opened.has(key);
  }

  /** Opens a gap, or widens the one that is open under this key already. */
  open(key: GapKey, cause: GapCause, from: number, patterns: readonly string[], now: number): void {
    const known = this.opened.get(key);
    if (known) {
      known.from = Math.min(known.from, from);
      known.patterns = union(known.patterns, patterns);
      return;
    }
    this.ids += 1;
    const entry: Entry = { id: this.ids, cause, from, to: null, patterns, late: 0, dropped: 0 };
    this.opened.set(key, entry);
    this.report(view(entry, 'open', now));
  }

  widen(key: GapKey, from: number): void {
    const entry = this.opened.get(key);
    if (entry) entry.from = Math.min(entry.from, from);
  }

  drop(key: GapKey, count: number): void {
    const entry = this.opened.get(key);
    if (entry) entry.dropped += count;
  }

  /** @param kept the old link that may still bring what was missed; `null` settles the gap at once */
  close(key: GapKey, to: number, kept: number | null): void {
    const entry = this.opened.get(key);
    if (!entry) return;
    this.opened.delete(key);
    entry.to = to;
    this.report(view(entry, 'closed', to));
    if (kept === null) this.report(view(entry, 'settled', to));
    else this.unsettled.set(kept, [...(this.unsettled.get(kept) ?? []), entry]);
  }

  /** A message came late on a kept link. */
  late(kept: number): void {
    for (const entry of this.unsettled.get(kept) ?? []) entry.late += 1;
  }

  settle(kept: number): void {
    const entries = this.unsettled.get(kept) ?? [];
    this.unsettled.delete(kept);
    for (const entry of entries) this.report(view(entry, 'settled', entry.to ?? 0));
  }

  openGaps(now: number): Gap[] {
    return [...this.opened.values()].map((entry) => view(entry, 'open', now));
  }
}

/** An empty list stands for all. */
function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return left.length === 0 || right.length === 0 ? [] : [...new Set([...left, ...right])];
}

function view(entry: Entry, phase: Gap['phase'], now: number): Gap {
  return { ...entry, phase, duration: (entry.to ?? now) - entry.from };
}
