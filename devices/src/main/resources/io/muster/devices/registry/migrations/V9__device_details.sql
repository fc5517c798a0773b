-- What is known of a device besides its state, and the ways to find it by that.
-- revision grows with each change that somebody makes, not with the states.

ALTER TABLE device ADD COLUMN name VARCHAR(100) COLLATE ${bytes};
ALTER TABLE device ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE device ADD COLUMN last_address VARCHAR(64);
ALTER TABLE device ADD COLUMN last_protocol_level SMALLINT;
ALTER TABLE device ADD COLUMN last_keep_alive INTEGER;
ALTER TABLE device ADD COLUMN last_software VARCHAR(64);
ALTER TABLE device ADD COLUMN last_own_address VARCHAR(64);

CREATE INDEX device_status ON device (status, product_key, device_key);

-- Of devices that have a name only.
CREATE INDEX device_name ON device (product_key, name, device_key) WHERE name IS NOT NULL;

-- Of tags only, by the first 64 characters of their values: PostgreSQL's indexes hold no long texts.
CREATE INDEX device_tag ON device_value (product_key, name, substr(value, 1, 64), device_key)
  WHERE kind = 1;
