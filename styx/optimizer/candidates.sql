-- Every offer, judged: `failed` is the first constraint that it does not meet, NULL when it fits.
-- `price_usd` is what one machine costs an hour on the asked market.
CREATE OR REPLACE TEMP TABLE candidates AS
WITH priced AS (
    SELECT *, CASE WHEN $use_spot THEN spot_hourly_usd ELSE hourly_usd END AS price_usd
    FROM offers
)
SELECT
    *,
    CASE
        WHEN NOT list_contains($clouds, cloud) THEN 'clouds'
        WHEN $cloud IS NOT NULL AND cloud <> $cloud THEN 'infra'
        WHEN $region IS NOT NULL AND region <> $region THEN 'infra'
        WHEN $zone IS NOT NULL AND NOT list_contains(zones, $zone) THEN 'infra'
        WHEN $instance_type IS NOT NULL AND instance_type <> $instance_type THEN 'instance_type'
        -- A task that asks for no accelerator is not put on a machine that has one, unless it names the type.
        WHEN $accelerator_count = 0 AND $instance_type IS NULL AND accelerator_count > 0 THEN 'accelerators'
        WHEN $accelerator_count > 0 AND accelerator_count <> $accelerator_count THEN 'accelerators'
        WHEN $accelerator IS NOT NULL AND lower(coalesce(accelerator, '')) <> lower($accelerator) THEN 'accelerators'
        WHEN $gpu_memory_gib IS NOT NULL AND NOT CASE
            WHEN $gpu_memory_at_least THEN coalesce(gpu_memory_gib, 0) >= $gpu_memory_gib
            ELSE coalesce(gpu_memory_gib, 0) = $gpu_memory_gib
        END THEN 'accelerators'
        WHEN $cpus IS NOT NULL AND NOT CASE WHEN $cpus_at_least THEN vcpus >= $cpus ELSE vcpus = $cpus END
            AND NOT (divisible AND vcpus >= $cpus) THEN 'cpus'
        WHEN $memory_gib IS NOT NULL AND NOT CASE
            WHEN $memory_at_least THEN memory_gib >= $memory_gib ELSE memory_gib = $memory_gib
        END AND NOT (divisible AND memory_gib >= $memory_gib) THEN 'memory'
        WHEN $memory_gib_per_cpu IS NOT NULL AND memory_gib < $memory_gib_per_cpu * coalesce($cpus, vcpus) THEN 'memory'
        WHEN $arch IS NOT NULL AND arch <> $arch THEN 'styx.machine.arch'
        WHEN burstable AND NOT $burstable AND $instance_type IS NULL THEN 'styx.machine.burstable'
        WHEN max_count < $num_nodes THEN 'num_nodes'
        WHEN $use_spot AND price_usd IS NULL THEN 'use_spot'
        WHEN price_usd > $max_hourly_usd THEN 'max_hourly_cost'
    END AS failed
FROM priced
