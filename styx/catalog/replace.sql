-- What is newer stands in for what was there.
DELETE FROM offers USING newer
WHERE offers.cloud = newer.cloud AND offers.region = newer.region AND offers.instance_type = newer.instance_type;
INSERT INTO offers FROM newer
