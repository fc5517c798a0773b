-- The firmware that is offered to the devices of a product, and what each device says of its own.

CREATE TABLE firmware (
  product_key VARCHAR(20) COLLATE ${bytes} NOT NULL REFERENCES product (product_key) ON DELETE CASCADE,
  version VARCHAR(64) COLLATE ${bytes} NOT NULL,
  url VARCHAR(1024) NOT NULL,
  size BIGINT NOT NULL,
  sign VARCHAR(256) NOT NULL,
  sign_method VARCHAR(32) NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (product_key, version)
);

-- step: how far an upgrade is; from -1 downwards, why it failed
CREATE TABLE device_firmware (
  product_key VARCHAR(20) COLLATE ${bytes} NOT NULL,
  device_key VARCHAR(64) COLLATE ${bytes} NOT NULL,
  version VARCHAR(64),
  version_at BIGINT,
  step VARCHAR(16),
  description VARCHAR(256),
  step_at BIGINT,
  PRIMARY KEY (product_key, device_key),
  FOREIGN KEY (product_key, device_key) REFERENCES device (product_key, device_key) ON DELETE CASCADE
);
