-- What a device says of itself (attributes, JSON texts) and what is said of it (tags, plain texts).
-- kind: 0 attribute, 1 tag

CREATE TABLE device_value (
  product_key VARCHAR(20) COLLATE ${bytes} NOT NULL,
  device_key VARCHAR(64) COLLATE ${bytes} NOT NULL,
  kind SMALLINT NOT NULL,
  name VARCHAR(128) COLLATE ${bytes} NOT NULL,
  value VARCHAR(4096) NOT NULL,
  PRIMARY KEY (product_key, device_key, kind, name),
  FOREIGN KEY (product_key, device_key) REFERENCES device (product_key, device_key) ON DELETE CASCADE
);
