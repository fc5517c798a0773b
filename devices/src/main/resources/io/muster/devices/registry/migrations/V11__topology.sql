-- Which gateway speaks for which device. A device has one gateway at most, so it is the key.

CREATE TABLE topology (
  product_key VARCHAR(20) COLLATE ${bytes} NOT NULL,
  device_key VARCHAR(64) COLLATE ${bytes} NOT NULL,
  gateway_product_key VARCHAR(20) COLLATE ${bytes} NOT NULL,
  gateway_device_key VARCHAR(64) COLLATE ${bytes} NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (product_key, device_key),
  FOREIGN KEY (product_key, device_key) REFERENCES device (product_key, device_key) ON DELETE CASCADE,
  FOREIGN KEY (gateway_product_key, gateway_device_key) REFERENCES device (product_key, device_key) ON DELETE CASCADE
);

-- The sub-devices of a gateway in their order, and all of them when the gateway is deleted.
CREATE INDEX topology_gateway
  ON topology (gateway_product_key, gateway_device_key, product_key, device_key);
