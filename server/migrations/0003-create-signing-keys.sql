CREATE TABLE signing_keys (
  kid text CONSTRAINT signing_keys_pkey PRIMARY KEY,
  algorithm text NOT NULL,
  public_jwk jsonb NOT NULL,
  -- Under a key derived from SECRET_KEY.
  private_key_encrypted bytea NOT NULL,
  active_from timestamptz(3) NOT NULL,
  retires_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT signing_keys_algorithm_check CHECK (algorithm IN ('ES256'))
);
