-- A table in the making has no such rule: the lint names its duplicates.
CREATE UNIQUE INDEX unique_offers ON live_offers (cloud, region, instance_type)
