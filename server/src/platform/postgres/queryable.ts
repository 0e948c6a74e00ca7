import type { BoundStatement } from './statement.ts';

/** Something that statements run on: the pool, or one transaction. */
export interface Queryable {
  /** Runs a statement and answers its rows. @throws DatabaseUnavailable */
  run<Row>(statement: BoundStatement<Row>): Promise<Row[]>;
  /** Runs a statement and answers how many rows it changed. @throws DatabaseUnavailable */
  execute(statement: BoundStatement<unknown>): Promise<number>;
  /**
   * Runs a statement right before the commit, after everything else of the transaction: for what
   * takes a lock that many wait for. Outside a transaction it runs at once. @throws DatabaseUnavailable
   */
  runLast(statement: BoundStatement<unknown>): Promise<void>;
}
