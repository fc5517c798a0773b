-- revision grows with each change that somebody makes. The secret of a key before the present one, encrypted, and until
-- when it is good (milliseconds since 1970): both are there or neither is.

ALTER TABLE operator_account ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE api_key ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE api_key ADD COLUMN previous_secret VARCHAR(500);
ALTER TABLE api_key ADD COLUMN previous_secret_until BIGINT;
