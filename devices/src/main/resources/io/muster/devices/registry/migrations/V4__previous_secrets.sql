-- The secret before the present one, encrypted, and until when it is good (milliseconds since 1970). Both
-- are there or neither is.

ALTER TABLE product ADD COLUMN previous_secret VARCHAR(500);
ALTER TABLE product ADD COLUMN previous_secret_until BIGINT;
ALTER TABLE device ADD COLUMN previous_secret VARCHAR(500);
ALTER TABLE device ADD COLUMN previous_secret_until BIGINT;

-- Few devices have one: those whose time is over are found without looking at the others.
CREATE INDEX device_previous_secret ON device (previous_secret_until)
  WHERE previous_secret_until IS NOT NULL;
