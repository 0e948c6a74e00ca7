import { execFileSync } from 'node:child_process';

export interface SystemAccount {
  uid: number;
  gid: number;
  name: string;
}

/** Whom to run a PostgreSQL as: its programs refuse root; anybody else runs them as themselves. */
export function databaseAccount(): SystemAccount | null {
  if (process.getuid?.() !== 0) return null;
  const number = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g'), name: 'postgres' };
}
