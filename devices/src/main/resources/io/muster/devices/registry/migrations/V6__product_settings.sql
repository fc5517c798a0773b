-- What an operator decides for all devices of a product. type: 0 device, 1 gateway. Times in milliseconds. What is
-- NULL is as the hub is configured. Topic rules and tags are texts, a line each, since they are read with the product
-- and never without.

ALTER TABLE product ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE product ADD COLUMN type SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE product ADD COLUMN self_registration SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE product ADD COLUMN gateway_registration SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE product ADD COLUMN certificate_required SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE product ADD COLUMN idle_limit BIGINT;
ALTER TABLE product ADD COLUMN allow_weak_digests SMALLINT;
ALTER TABLE product ADD COLUMN max_clock_skew BIGINT;
ALTER TABLE product ADD COLUMN timestamps_ascend SMALLINT;
ALTER TABLE product ADD COLUMN topics VARCHAR(10000) NOT NULL DEFAULT '';
ALTER TABLE product ADD COLUMN tags VARCHAR(10000) NOT NULL DEFAULT '';
