-- What proves a password by SCRAM, encrypted like the secrets. Accounts that are older have none until
-- their password is seen again.

ALTER TABLE application ADD COLUMN scram_verifier VARCHAR(500);
