-- One text for SQLite and PostgreSQL. Times are milliseconds since 1970. Keys are compared by
-- their bytes on both, so that pages come in the same order.

CREATE TABLE product (
  product_key VARCHAR(20) COLLATE ${bytes} NOT NULL PRIMARY KEY,
  secret VARCHAR(500) NOT NULL,
  name VARCHAR(100) NOT NULL,
  dynamic_activation SMALLINT NOT NULL,
  created_at BIGINT NOT NULL
);

-- status: 0 inactive, 1 online, 2 offline, 3 disabled
CREATE TABLE device (
  product_key VARCHAR(20) COLLATE ${bytes} NOT NULL REFERENCES product (product_key),
  device_key VARCHAR(64) COLLATE ${bytes} NOT NULL,
  secret VARCHAR(500) NOT NULL,
  status SMALLINT NOT NULL,
  version BIGINT NOT NULL,
  since BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  activated_at BIGINT,
  last_online_at BIGINT,
  last_offline_at BIGINT,
  PRIMARY KEY (product_key, device_key)
);

CREATE TABLE application (
  username VARCHAR(64) COLLATE ${bytes} NOT NULL PRIMARY KEY,
  password_hash VARCHAR(1000) NOT NULL,
  created_at BIGINT NOT NULL
);

-- One row: a known text, encrypted with the key of all secrets, to notice a wrong key at once.
CREATE TABLE key_proof (
  id SMALLINT NOT NULL PRIMARY KEY,
  proof VARCHAR(500) NOT NULL
);
