import { describe, expect, it } from 'vitest';
import { createLedger, type TaskState } from './ledger.ts';

const first: TaskState = {
  title: 'a',
  description: null,
  status: 'pending',
  version: 1,
  isDeleted: false,
};
const second: TaskState = { ...first, title: 'b', version: 2 };

function withTwoTasks() {
  const ledger = createLedger();
  ledger.begin(new Map([[1, first]]))();
  ledger.begin(new Map([[2, first]]))();
  return ledger;
}

describe('the ledger of the crash tests', () => {
  it('notices an acknowledged write that is gone, or was undone', () => {
    const ledger = withTwoTasks();
    ledger.begin(new Map([[1, second]]))();
    expect(
      ledger.reconcile(
        new Map([
          [1, second],
          [2, first],
        ]),
      ),
    ).toEqual([]);
    expect(ledger.reconcile(new Map([[1, second]]))).toHaveLength(1);
    expect(
      ledger.reconcile(
        new Map([
          [1, first],
          [2, first],
        ]),
      ),
    ).toHaveLength(1);
    expect(ledger.acknowledgedCount()).toBe(3);
  });

  it('accepts either outcome of an open write, and remembers which it was', () => {
    for (const outcome of [first, second]) {
      const ledger = withTwoTasks();
      ledger.begin(new Map([[1, second]]));
      expect(ledger.settledIds([1, 2])).toEqual([2]);
      expect(
        ledger.reconcile(
          new Map([
            [1, outcome],
            [2, first],
          ]),
        ),
      ).toEqual([]);
      expect(ledger.settledIds([1, 2])).toEqual([1, 2]);
      expect(ledger.stateOf(1)).toEqual(outcome);
    }
  });

  it('notices a write that happened in part, or twice', () => {
    const ledger = withTwoTasks();
    ledger.begin(
      new Map([
        [1, second],
        [2, second],
      ]),
    );
    expect(
      ledger
        .reconcile(
          new Map([
            [1, second],
            [2, first],
          ]),
        )
        .join(),
    ).toContain('half done');
    const other = withTwoTasks();
    other.begin(new Map([[1, second]]));
    const twice = { ...second, version: 3 };
    expect(
      other
        .reconcile(
          new Map([
            [1, twice],
            [2, first],
          ]),
        )
        .join(),
    ).toContain('half done');
  });

  it('notices a task that nobody sent', () => {
    const ledger = withTwoTasks();
    expect(
      ledger
        .reconcile(
          new Map([
            [1, first],
            [2, first],
            [3, first],
          ]),
        )
        .join(),
    ).toContain('unknown');
  });
});
