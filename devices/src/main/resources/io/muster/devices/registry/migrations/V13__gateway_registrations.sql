-- Which gateway had a device registered, and the mark of the secret that it was told then: until the device has
-- signed in, the answer may have been lost, and that gateway is told the secret again.

CREATE TABLE gateway_registration (
  product_key VARCHAR(20) COLLATE ${bytes} NOT NULL,
  device_key VARCHAR(64) COLLATE ${bytes} NOT NULL,
  gateway_product_key VARCHAR(20) COLLATE ${bytes} NOT NULL,
  gateway_device_key VARCHAR(64) COLLATE ${bytes} NOT NULL,
  secret_mark VARCHAR(64) NOT NULL,
  PRIMARY KEY (product_key, device_key),
  FOREIGN KEY (product_key, device_key) REFERENCES device (product_key, device_key) ON DELETE CASCADE,
  FOREIGN KEY (gateway_product_key, gateway_device_key) REFERENCES device (product_key, device_key) ON DELETE CASCADE
);

-- All of a gateway, when it is deleted.
CREATE INDEX gateway_registration_gateway ON gateway_registration (gateway_product_key, gateway_device_key);
