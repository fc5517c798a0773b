-- Who may manage the hub, and what was done. role: 1 read, 2 operate, 3 admin. Times are milliseconds since 1970.

CREATE TABLE operator_account (
  username VARCHAR(64) COLLATE ${bytes} NOT NULL PRIMARY KEY,
  password_hash VARCHAR(1000) NOT NULL,
  role SMALLINT NOT NULL,
  disabled SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);

-- secret: encrypted, since signatures need the secret itself. expires_at: 9223372036854775807 is never.
CREATE TABLE api_key (
  id VARCHAR(32) COLLATE ${bytes} NOT NULL PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  secret VARCHAR(500) NOT NULL,
  role SMALLINT NOT NULL,
  disabled SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_used_at BIGINT
);

-- outcome: 0 begun, 1 done, 2 refused, 3 failed. Only a row that is begun is changed, once, to how it ended.
CREATE TABLE audit (
  id BIGINT NOT NULL PRIMARY KEY,
  time BIGINT NOT NULL,
  actor VARCHAR(80) COLLATE ${bytes} NOT NULL,
  address VARCHAR(64) NOT NULL,
  act VARCHAR(64) COLLATE ${bytes} NOT NULL,
  object VARCHAR(300) COLLATE ${bytes} NOT NULL,
  outcome SMALLINT NOT NULL,
  status SMALLINT NOT NULL,
  detail VARCHAR(500) NOT NULL
);

CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_act ON audit (act, id);
CREATE INDEX audit_object ON audit (object, id);

-- One row: the greatest number that any audit row had. Who writes takes its numbers here, so that they have
-- no gaps, come in the order of the commits, and are never given again.
CREATE TABLE audit_number (
  id SMALLINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);

INSERT INTO audit_number (id, last) VALUES (1, 0);
