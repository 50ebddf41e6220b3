-- The offers taken apart, once a catalog, so that a query judges each kind of machine and each place only once: a
-- machine type is sold in dozens of regions, and only its price differs. The numbers of kinds and of places follow
-- what decides between equal prices: the smaller machine first, then the alphabet.
CREATE OR REPLACE TEMP TABLE kinds AS
SELECT
    (row_number() OVER (ORDER BY
        accelerator_count, vcpus, sold.memory_gib, cloud, instance_type, accelerator, gpu_memory_gib, arch, burstable,
        local_disk_gib, max_count, divisible
    ))::INTEGER AS kind,
    sold.*,
    coalesce(lower(coalesce(aliases.name, accelerator)), '') AS accelerator_key,
    coalesce(vendor, '') AS vendor,
    -- A machine of one's own reports what error correction leaves of its memory: the data sheet counts.
    coalesce(CASE WHEN divisible THEN accelerators.memory_gib END, gpu_memory_gib, 0) AS nominal_gpu_gib,
    accelerator_count * coalesce(tflops, 0) AS tflops
FROM (
    SELECT DISTINCT
        cloud, instance_type, vcpus, memory_gib, accelerator, accelerator_count, gpu_memory_gib, arch, burstable,
        local_disk_gib, max_count, divisible
    FROM offers
) AS sold
LEFT JOIN aliases ON alias = lower(accelerator)
LEFT JOIN accelerators ON accelerators.name = coalesce(aliases.name, accelerator)
LEFT JOIN speeds ON speeds.name = coalesce(aliases.name, accelerator);

CREATE OR REPLACE TEMP TABLE places AS
SELECT (row_number() OVER (ORDER BY cloud, region))::INTEGER AS place, *
FROM (SELECT DISTINCT cloud, region FROM offers);

-- What offers say beside their prices: a few hundred sets of zones, each with its kinds and date of prices.
CREATE OR REPLACE TEMP TABLE details AS
SELECT (row_number() OVER (ORDER BY zones, price_kind, spot_kind, price_as_of))::INTEGER AS detail, *
FROM (SELECT DISTINCT zones, price_kind, spot_kind, price_as_of FROM offers);

-- The joins are in the right order as they stand: the offers stream past three small tables. Left to itself DuckDB
-- may build a table of ten million offers, which takes twice the time and two gigabytes.
SET disabled_optimizers = 'join_order,build_side_probe_side';
CREATE OR REPLACE TEMP TABLE prices AS
SELECT
    kind, place, detail, offers.hourly_usd, offers.spot_hourly_usd,
    round(offers.hourly_usd * 1000000)::BIGINT AS hourly_micro,
    round(offers.spot_hourly_usd * 1000000)::BIGINT AS spot_micro
FROM offers
JOIN places USING (cloud, region)
JOIN details USING (zones, price_kind, spot_kind, price_as_of)
JOIN kinds
    ON kinds.cloud = offers.cloud
    AND kinds.instance_type = offers.instance_type
    AND kinds.vcpus = offers.vcpus
    AND kinds.memory_gib = offers.memory_gib
    AND kinds.accelerator IS NOT DISTINCT FROM offers.accelerator
    AND kinds.accelerator_count = offers.accelerator_count
    AND kinds.gpu_memory_gib IS NOT DISTINCT FROM offers.gpu_memory_gib
    AND kinds.arch = offers.arch
    AND kinds.burstable = offers.burstable
    AND kinds.local_disk_gib = offers.local_disk_gib
    AND kinds.max_count IS NOT DISTINCT FROM offers.max_count
    AND kinds.divisible = offers.divisible;

RESET disabled_optimizers;

-- Filled by the first query that needs them.
CREATE OR REPLACE TEMP TABLE risks (kind INTEGER, place INTEGER, interruptions_an_hour DOUBLE, lost_hours DOUBLE);
CREATE OR REPLACE TEMP TABLE blocked_offers (kind INTEGER, place INTEGER, mask INTEGER, zones VARCHAR[]);
CREATE OR REPLACE TEMP TABLE offers_elsewhere (detail INTEGER, place INTEGER)
