// The tables after all migrations, generated from the catalogs. Do not edit.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Read as parsed JSON, written as JSON text. */
export type Json = ColumnType<unknown, string, string>;
export type NullableJson = ColumnType<unknown, string | null, string | null>;

export interface IdempotencyRecords {
  user_id: string;
  method: string;
  path: string;
  key: string;
  request_hash: Buffer;
  status: number;
  body: string;
  headers: Json;
  created_at: Generated<string>;
}

export interface SchemaMigrations {
  version: number;
  name: string;
  checksum: string;
  applied_at: Generated<string>;
}

export interface Sessions {
  user_id: string;
  id: string;
  refresh_counter: Generated<number>;
  rotated_at: string | null;
  is_remembered: Generated<boolean>;
  user_agent: string | null;
  address: string | null;
  created_at: Generated<string>;
  last_used_at: Generated<string>;
  idle_expires_at: string;
  absolute_expires_at: string;
  authenticated_at: Generated<string>;
  ended_at: string | null;
  end_reason: 'logout' | 'reuse' | 'expired' | 'revoked' | 'password' | 'admin' | null;
}

export interface SigningKeys {
  kid: string;
  algorithm: 'ES256';
  public_jwk: Json;
  private_key_encrypted: Buffer;
  active_from: string;
  retires_at: string;
  created_at: Generated<string>;
}

export interface TaskCounts {
  user_id: string;
  pending: Generated<number>;
  in_progress: Generated<number>;
  completed: Generated<number>;
  trashed: Generated<number>;
}

export interface Tasks {
  user_id: string;
  id: number;
  title: string;
  description: string | null;
  status: Generated<'pending' | 'in_progress' | 'completed'>;
  is_open: GeneratedAlways<boolean>;
  completed_at: string | null;
  version: Generated<number>;
  created_at: Generated<string>;
  updated_at: Generated<string>;
  deleted_at: string | null;
}

export interface Users {
  id: string;
  email: string;
  email_canonical: string;
  name: string | null;
  password_hash: string | null;
  status: Generated<'unverified' | 'active' | 'disabled'>;
  email_verified_at: string | null;
  avatar_url: string | null;
  last_login_at: string | null;
  auth_version: Generated<number>;
  created_at: Generated<string>;
  updated_at: Generated<string>;
  deleted_at: string | null;
}

export interface Tables {
  idempotency_records: IdempotencyRecords;
  schema_migrations: SchemaMigrations;
  sessions: Sessions;
  signing_keys: SigningKeys;
  task_counts: TaskCounts;
  tasks: Tasks;
  users: Users;
}
