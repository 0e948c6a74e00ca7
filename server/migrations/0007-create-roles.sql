CREATE TABLE permissions (
  name text CONSTRAINT permissions_pkey PRIMARY KEY,
  description text NOT NULL,
  CONSTRAINT permissions_name_check CHECK (name ~ '^[a-z_]+:[a-z_]+$')
);

CREATE TABLE roles (
  name text CONSTRAINT roles_pkey PRIMARY KEY,
  description text NOT NULL DEFAULT '',
  -- Docket itself relies on it: it cannot be removed.
  is_builtin boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT roles_name_check CHECK (name ~ '^[a-z][a-z0-9-]{0,49}$'),
  CONSTRAINT roles_description_check CHECK (char_length(description) <= 500)
);

CREATE TABLE role_permissions (
  role_name text NOT NULL
    CONSTRAINT role_permissions_role_name_fkey REFERENCES roles (name) ON DELETE CASCADE,
  permission_name text NOT NULL
    CONSTRAINT role_permissions_permission_name_fkey REFERENCES permissions (name) ON DELETE CASCADE,
  CONSTRAINT role_permissions_pkey PRIMARY KEY (role_name, permission_name)
);

CREATE TABLE user_roles (
  user_id uuid NOT NULL
    CONSTRAINT user_roles_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  role_name text NOT NULL
    CONSTRAINT user_roles_role_name_fkey REFERENCES roles (name) ON DELETE CASCADE,
  granted_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role_name)
);

CREATE INDEX user_roles_role_name_idx ON user_roles (role_name);

INSERT INTO permissions (name, description) VALUES
  ('account:read', 'Read one''s own account'),
  ('tasks:read', 'Read one''s own tasks'),
  ('tasks:write', 'Make, change and delete one''s own tasks'),
  ('users:read', 'See users, with their roles, sessions and numbers of tasks'),
  ('users:update', 'Change, disable and enable users, end their sessions, mail them a reset link'),
  ('users:delete', 'Delete and restore users'),
  ('roles:read', 'See roles and permissions'),
  ('roles:write', 'Make, change and remove roles'),
  ('roles:assign', 'Give roles to users and take them away'),
  ('audit:read', 'Read and verify the audit log'),
  ('jobs:read', 'See background jobs'),
  ('jobs:write', 'Run failed background jobs again'),
  ('stats:read', 'See numbers of users, tasks and sign-ins over time');

INSERT INTO roles (name, description, is_builtin) VALUES
  ('admin', 'May do everything', true),
  ('user', 'Everybody', true);

INSERT INTO role_permissions (role_name, permission_name)
SELECT 'admin', name FROM permissions
UNION ALL
SELECT 'user', name FROM permissions WHERE name IN ('account:read', 'tasks:read', 'tasks:write');

INSERT INTO user_roles (user_id, role_name) SELECT id, 'user' FROM users;
