// The tables after all migrations, generated from the catalogs. Do not edit.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Read as parsed JSON, written as JSON text. */
export type Json = ColumnType<unknown, string, string>;
export type NullableJson = ColumnType<unknown, string | null, string | null>;

export interface AccountMergeIdentities {
  user_id: string;
  merge_id: string;
  identity_id: string;
}

export interface AccountMergeTasks {
  user_id: string;
  merge_id: string;
  original_id: number;
  task_id: number;
  task_created_at: string;
}

export interface AccountMerges {
  user_id: string;
  id: string;
  merged_user_id: string;
  task_count: Generated<number>;
  created_at: Generated<string>;
  undone_at: string | null;
}

export interface ApiTokens {
  user_id: string;
  id: string;
  name: string;
  token_hash: Buffer;
  hint: string;
  scopes: string[];
  created_at: Generated<string>;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface AuditCheckpoints {
  position: number;
  hash: Buffer;
  created_at: Generated<string>;
  signature: Buffer;
}

export interface AuditEvents {
  position: number;
  occurred_at: Generated<string>;
  actor_kind: 'user' | 'api_token' | 'foreign' | 'operator' | 'system' | 'anonymous';
  actor_id: string | null;
  api_token_id: string | null;
  action: string;
  target_kind: string;
  target_id: string | null;
  user_id: string | null;
  request_id: string | null;
  changes: Json;
  origin_digest: Buffer | null;
  subject_digest: Buffer | null;
  previous_hash: Buffer;
  hash: Buffer;
}

export interface AuditPersonal {
  position: number;
  part: 'origin' | 'subject';
  user_id: string | null;
  salt: Buffer;
  data: Json;
}

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

export interface MailedTokens {
  user_id: string;
  purpose: 'verify' | 'reset' | 'change_email';
  token_hash: Buffer;
  email_canonical: string;
  auth_version: number;
  created_at: Generated<string>;
  expires_at: string;
  used_at: string | null;
}

export interface MergeOffers {
  user_id: string;
  token_hash: Buffer;
  session_id: string;
  merged_user_id: string;
  merged_auth_version: number;
  expires_at: string;
  used_at: string | null;
}

export interface Permissions {
  name: string;
  description: string;
}

export interface ProviderFlows {
  state_hash: Buffer;
  browser_hash: Buffer;
  provider: string;
  user_id: string | null;
  session_id: string | null;
  is_remembered: Generated<boolean>;
  return_to: string;
  created_at: Generated<string>;
  expires_at: string;
}

export interface RateBuckets {
  rule: string;
  key: string;
  full_at_us: number;
}

export interface RolePermissions {
  role_name: string;
  permission_name: string;
}

export interface Roles {
  name: string;
  description: Generated<string>;
  is_builtin: Generated<boolean>;
  created_at: Generated<string>;
  updated_at: Generated<string>;
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

export interface SetupTokens {
  token_hash: Buffer;
  created_at: Generated<string>;
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

export interface UserAuthProviders {
  user_id: string;
  id: string;
  provider: string;
  issuer: string;
  subject: string;
  email: string | null;
  is_email_proven: Generated<boolean>;
  created_at: Generated<string>;
  last_used_at: string | null;
}

export interface UserCounts {
  is_only: Generated<boolean>;
  unverified: Generated<number>;
  active: Generated<number>;
  disabled: Generated<number>;
  deleted: Generated<number>;
}

export interface UserRoles {
  user_id: string;
  role_name: string;
  granted_at: Generated<string>;
}

export interface Users {
  id: string;
  email: string | null;
  email_canonical: string | null;
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
  theme: Generated<'system' | 'light' | 'dark'>;
  time_zone: string | null;
  email_notices: Generated<boolean>;
  pending_email: string | null;
  pending_email_at: string | null;
  version: Generated<number>;
}

export interface Tables {
  account_merge_identities: AccountMergeIdentities;
  account_merge_tasks: AccountMergeTasks;
  account_merges: AccountMerges;
  api_tokens: ApiTokens;
  audit_checkpoints: AuditCheckpoints;
  audit_events: AuditEvents;
  audit_personal: AuditPersonal;
  idempotency_records: IdempotencyRecords;
  mailed_tokens: MailedTokens;
  merge_offers: MergeOffers;
  permissions: Permissions;
  provider_flows: ProviderFlows;
  rate_buckets: RateBuckets;
  role_permissions: RolePermissions;
  roles: Roles;
  schema_migrations: SchemaMigrations;
  sessions: Sessions;
  setup_tokens: SetupTokens;
  signing_keys: SigningKeys;
  task_counts: TaskCounts;
  tasks: Tasks;
  user_auth_providers: UserAuthProviders;
  user_counts: UserCounts;
  user_roles: UserRoles;
  users: Users;
}
