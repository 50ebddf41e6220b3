-- The offers taken apart, so that a query judges each kind of machine and each place only once: a machine type is sold
-- in dozens of regions, and only its price differs. The numbers of kinds and of places follow what decides between
-- equal prices: more vCPUs first, then more memory, then fewer accelerators, then the alphabet. Of machines that cost
-- nothing, one's own, the smallest comes first, so that the larger ones stay free.
CREATE OR REPLACE TEMP TABLE kinds AS
SELECT
    (row_number() OVER (ORDER BY
        if(free, vcpus, -vcpus), if(free, sold.memory_gib, -sold.memory_gib), accelerator_count, cloud, instance_type,
        accelerator, gpu_memory_gib, arch, burstable, local_disk_gib, max_count, divisible
    ))::INTEGER AS kind,
    sold.* EXCLUDE (free),
    coalesce(lower(coalesce(aliases.name, accelerator)), '') AS accelerator_key,
    coalesce(vendor, '') AS vendor,
    -- A machine of one's own reports what error correction leaves of its memory: the data sheet counts.
    coalesce(CASE WHEN divisible THEN accelerators.memory_gib END, gpu_memory_gib, 0) AS nominal_gpu_gib,
    -- NULL where nobody knows how fast the accelerator is; a machine without one is no machine for arithmetic.
    CASE WHEN accelerator IS NULL THEN 0 ELSE accelerator_count * bf16_tflops END AS tflops
FROM (
    SELECT
        cloud, instance_type, vcpus, memory_gib, accelerator, accelerator_count, gpu_memory_gib, arch, burstable,
        local_disk_gib, max_count, divisible, coalesce(max(hourly_usd), 1) = 0 AS free
    FROM offers
    GROUP BY ALL
) AS sold
LEFT JOIN aliases ON alias = lower(accelerator)
LEFT JOIN accelerators ON accelerators.name = coalesce(aliases.name, accelerator);

CREATE OR REPLACE TEMP TABLE places AS
SELECT (row_number() OVER (ORDER BY cloud, region))::INTEGER AS place, sold.*, coalesce(restricted, '') AS restricted
FROM (SELECT DISTINCT cloud, region FROM offers) AS sold
LEFT JOIN regions USING (cloud, region);

-- What offers say beside their prices: a few hundred sets of zones, each with its kinds and date of prices.
CREATE OR REPLACE TEMP TABLE details AS
SELECT (row_number() OVER (ORDER BY zones, price_kind, spot_kind, price_as_of))::INTEGER AS detail, *
FROM (SELECT DISTINCT zones, price_kind, spot_kind, price_as_of FROM offers);

-- The joins are in the right order as they stand: the offers stream past small tables. Left to itself DuckDB may build
-- a table of ten million offers, which takes twice the time and two gigabytes.
SET disabled_optimizers = 'join_order,build_side_probe_side';
CREATE OR REPLACE TEMP TABLE prices AS
SELECT
    kind, place, detail,
    -- What prices are ordered by: millionths of a USD, for whole numbers order the same everywhere. A million USD more
    -- when the price looks wrong, so that it comes after all that do not; two million for one that nobody knows.
    coalesce(round(hourly_usd * 1000000)::BIGINT + coalesce(doubtful, 0), 2000000000000) AS hourly_rank,
    coalesce(round(spot_hourly_usd * 1000000)::BIGINT + coalesce(doubtful, 0), 2000000000000) AS spot_rank,
    doubtful IS NOT NULL AS marked
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
    AND kinds.divisible = offers.divisible
LEFT JOIN (
    -- Of all rules that mark, only this one says nothing of the price.
    SELECT cloud, region, instance_type, max(CASE rule WHEN 'sold_everywhere' THEN 0 ELSE 1000000000000 END) AS doubtful
    FROM doubts GROUP BY ALL
) AS doubted
    ON doubted.cloud = offers.cloud
    AND doubted.region = offers.region
    AND doubted.instance_type = offers.instance_type
    AND offers.price_kind <> 'own'; -- the user's word is not doubted
RESET disabled_optimizers
