/** What a client can know of a task. */
export interface TaskState {
  title: string;
  description: string | null;
  status: 'pending' | 'in_progress' | 'completed';
  version: number;
  isDeleted: boolean;
}

/** A change that was sent; `null` before a task exists. Its tasks change together or not at all. */
interface Write {
  changes: Map<number, { before: TaskState | null; after: TaskState }>;
}

/** Everything that was sent to the server, and which of it the server acknowledged. */
export interface Ledger {
  /** Notes a write that is about to be sent, with the states that it leads to; returns how to note its acknowledgement. */
  begin(after: Map<number, TaskState>): () => void;
  /** Ids whose state is certain, as no write to them is open. */
  settledIds(ids: Iterable<number>): number[];
  stateOf(id: number): TaskState;
  acknowledgedCount(): number;
  /** Compares with what the server has; open writes may have happened or not, and count as decided from then on. */
  reconcile(actual: Map<number, TaskState>): string[];
}

export function createLedger(): Ledger {
  const certain = new Map<number, TaskState>();
  const open = new Set<Write>();
  let acknowledged = 0;

  function settle(write: Write): void {
    for (const [id, { after }] of write.changes) certain.set(id, after);
    open.delete(write);
  }

  function decide(write: Write, actual: Map<number, TaskState>): string[] {
    open.delete(write);
    const outcomes = [...write.changes].map(([id, { before, after }]) => {
      const found = actual.get(id) ?? null;
      if (isSame(found, after)) return 'done';
      return isSame(found, before)
        ? 'undone'
        : `${id} is ${show(found)}, was ${show(before)}, became ${show(after)}`;
    });
    if (outcomes.every((outcome) => outcome === 'done')) settle(write);
    else if (!outcomes.every((outcome) => outcome === 'undone')) {
      return [`half done: ${outcomes.join('; ')}`];
    }
    return [];
  }

  return {
    begin(after) {
      const changes = new Map(
        [...after].map(([id, state]) => [id, { before: certain.get(id) ?? null, after: state }]),
      );
      const write = { changes };
      open.add(write);
      return () => {
        acknowledged += 1;
        settle(write);
      };
    },
    settledIds(ids) {
      const unsettled = new Set([...open].flatMap(({ changes }) => [...changes.keys()]));
      return [...ids].filter((id) => certain.has(id) && !unsettled.has(id));
    },
    stateOf(id) {
      const state = certain.get(id);
      if (state === undefined) throw new Error(`task ${id} was never acknowledged`);
      return state;
    },
    acknowledgedCount: () => acknowledged,
    reconcile(actual) {
      const faults = [...open].flatMap((write) => decide(write, actual));
      for (const [id, state] of certain) {
        const found = actual.get(id) ?? null;
        if (!isSame(found, state)) {
          faults.push(`lost: ${id} is ${show(found)}, was acknowledged as ${show(state)}`);
        }
      }
      for (const [id, state] of actual) {
        if (!certain.has(id)) faults.push(`unknown: ${id} is ${show(state)}`);
      }
      return faults;
    },
  };
}

function isSame(one: TaskState | null, other: TaskState | null): boolean {
  return show(one) === show(other);
}

function show(state: TaskState | null): string {
  if (state === null) return 'absent';
  const { title, description, status, version, isDeleted } = state;
  return JSON.stringify([title, description, status, version, isDeleted]);
}
