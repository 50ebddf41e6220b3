-- Offers that no shipped file holds: this machine's, a pool's, a test's. Every table of offers has these columns in
-- this order; they are the fields of styx.offer.Offer. One row is one machine type that can be rented in one region.
CREATE TABLE live_offers (
    cloud             VARCHAR NOT NULL,
    region            VARCHAR NOT NULL,
    instance_type     VARCHAR NOT NULL,
    vcpus             DOUBLE NOT NULL,
    memory_gib        DOUBLE NOT NULL,
    zones             VARCHAR[] NOT NULL,
    accelerator       VARCHAR,
    accelerator_count DOUBLE NOT NULL,
    gpu_memory_gib    DOUBLE,            -- of one whole accelerator, also where a machine has a part of one
    arch              VARCHAR NOT NULL,
    burstable         BOOLEAN NOT NULL,
    local_disk_gib    DOUBLE NOT NULL,
    hourly_usd        DOUBLE,            -- NULL when unknown; 0 when it costs nothing
    spot_hourly_usd   DOUBLE,
    price_kind        VARCHAR NOT NULL,
    spot_kind         VARCHAR NOT NULL,
    price_as_of       VARCHAR NOT NULL,
    max_count         INTEGER,           -- how many can be had at once, NULL when only the cloud knows
    divisible         BOOLEAN NOT NULL   -- a node may be a part of it
)
