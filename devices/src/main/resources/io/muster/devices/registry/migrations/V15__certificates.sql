-- Certificates: what the certificate authority has issued, its ledger, and at the same time which device each is bound
-- to. Rows are never deleted, nor do they go with their devices: what is revoked stays so, and no serial number comes
-- back. issuer: the name of an own authority, or sha256:HEX of the name of another one. serial: hexadecimal digits, 16 at
-- least. status: 0 reserved, 1 valid, 2 revoked; one that is neither revoked nor expired is of an owner that there is.
-- owner: device/PRODUCT/DEVICE, server/NAME or authority/ISSUER. renews and superseded_by: ISSUER/SERIAL. public_key and
-- fingerprint are SHA-256. SQLite takes BYTEA as it is. der comes last, since most reads leave it.

CREATE TABLE certificate (
  issuer VARCHAR(80) COLLATE ${bytes} NOT NULL,
  serial VARCHAR(40) COLLATE ${bytes} NOT NULL,
  kind SMALLINT NOT NULL,
  status SMALLINT NOT NULL,
  owner VARCHAR(260) COLLATE ${bytes} NOT NULL,
  public_key BYTEA NOT NULL,
  fingerprint BYTEA,
  not_before BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  requested_by VARCHAR(200) NOT NULL,
  requested_at BIGINT NOT NULL,
  idempotency_key VARCHAR(200) COLLATE ${bytes},
  renews VARCHAR(121) COLLATE ${bytes},
  issued_at BIGINT,
  revocation BIGINT,
  revoked_at BIGINT,
  revocation_reason SMALLINT,
  revoked_by VARCHAR(200),
  superseded_by VARCHAR(121) COLLATE ${bytes},
  used_at BIGINT,
  replaced_at BIGINT,
  der BYTEA,
  PRIMARY KEY (issuer, serial)
);

-- What a sign-in asks for.
CREATE UNIQUE INDEX certificate_fingerprint ON certificate (fingerprint);
CREATE INDEX certificate_public_key ON certificate (public_key);
CREATE INDEX certificate_owner ON certificate (owner, not_after, issuer, serial);
CREATE INDEX certificate_status ON certificate (status, not_after, issuer, serial);
CREATE INDEX certificate_renews ON certificate (renews, issuer, serial) WHERE renews IS NOT NULL;

-- Certificates in whose place another one was used for the first time then: they are revoked some time later.
CREATE INDEX certificate_replaced ON certificate (status, replaced_at) WHERE replaced_at IS NOT NULL AND status = 1;

-- All that a CRL says, in the order of the revocations.
CREATE INDEX certificate_revocation
  ON certificate (issuer, revocation, serial, revoked_at, revocation_reason, not_after)
  WHERE revocation IS NOT NULL;

-- Revocations that a CRL tells of, of certificates that are unknown here since an older database was put in the place of
-- one that was lost. They come in the same order, and are never deleted either.
CREATE TABLE adopted_revocation (
  issuer VARCHAR(80) COLLATE ${bytes} NOT NULL,
  serial VARCHAR(40) COLLATE ${bytes} NOT NULL,
  revocation BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  revocation_reason SMALLINT NOT NULL,
  revoked_by VARCHAR(200) NOT NULL,
  not_after BIGINT NOT NULL,
  PRIMARY KEY (issuer, serial)
);

CREATE INDEX adopted_revocation_order
  ON adopted_revocation (issuer, revocation, serial, revoked_at, revocation_reason, not_after);

-- Keys that somebody else may have, for ever: whatever the rows of their certificates say, if they have any.
CREATE TABLE compromised_key (
  public_key BYTEA NOT NULL PRIMARY KEY,
  compromised_at BIGINT NOT NULL,
  told_by VARCHAR(200) NOT NULL
);

-- One row. Whoever revokes takes the next number here and holds the row until its transaction ends: so the numbers come
-- in the order of the commits, and who has read up to one has missed none.
CREATE TABLE certificate_revocation_number (
  id SMALLINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);

INSERT INTO certificate_revocation_number (id, last) VALUES (1, 0);

-- Whoever looks whether a key is free, and takes it, holds the row of the key's stripe meanwhile: of two that want
-- one key at a time, the second finds what the first has done.
CREATE TABLE certificate_key_lock (
  stripe SMALLINT NOT NULL PRIMARY KEY
);

INSERT INTO certificate_key_lock (stripe)
WITH RECURSIVE stripes (stripe) AS (SELECT 0 UNION ALL SELECT stripe + 1 FROM stripes WHERE stripe < 63)
SELECT stripe FROM stripes;

-- How many certificates end on a day (days since 1970, UTC), so that nobody has to count them.
CREATE TABLE certificate_count (
  issuer VARCHAR(80) COLLATE ${bytes} NOT NULL,
  expiry_day BIGINT NOT NULL,
  valid BIGINT NOT NULL,
  revoked BIGINT NOT NULL,
  PRIMARY KEY (issuer, expiry_day)
);

-- The last number that a CRL may have.
CREATE TABLE crl_number (
  issuer VARCHAR(80) COLLATE ${bytes} NOT NULL,
  shard INTEGER NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (issuer, shard)
);

-- Which certificates the devices of a product get. certificate_keys: types with commas between them, or all. Days and
-- same_key_renewal: as the hub is configured, or not.
ALTER TABLE product ADD COLUMN certificates_issued SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE product ADD COLUMN certificate_keys VARCHAR(100);
ALTER TABLE product ADD COLUMN certificate_days INTEGER;
ALTER TABLE product ADD COLUMN certificate_days_max INTEGER;
ALTER TABLE product ADD COLUMN same_key_renewal SMALLINT;
