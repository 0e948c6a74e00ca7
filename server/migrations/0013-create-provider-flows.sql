-- Sign-ins by a provider that are under way, each used once. The verifier of PKCE and the nonce are
-- derived from the browser's cookie, so nothing here helps to finish one.
CREATE TABLE provider_flows (
  -- SHA-256 of `state`.
  state_hash bytea CONSTRAINT provider_flows_pkey PRIMARY KEY,
  -- SHA-256 of the cookie of the browser that began it.
  browser_hash bytea NOT NULL,
  provider text NOT NULL,
  -- Whose identity it is to become, and in which of their sessions; NULL: a sign-in.
  user_id uuid,
  session_id uuid,
  is_remembered boolean NOT NULL DEFAULT false,
  -- A path of the web application.
  return_to text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT provider_flows_session_fkey FOREIGN KEY (user_id, session_id)
    REFERENCES sessions (user_id, id) ON DELETE CASCADE,
  CONSTRAINT provider_flows_link_check CHECK ((user_id IS NULL) = (session_id IS NULL))
);

CREATE INDEX provider_flows_expires_at_idx ON provider_flows (expires_at);
CREATE INDEX provider_flows_session_idx ON provider_flows (user_id, session_id)
  WHERE user_id IS NOT NULL;
