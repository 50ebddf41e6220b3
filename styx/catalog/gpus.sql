-- One row an accelerator, outside restricted regions unless one is named: who sells it, how many at once, and its cheapest machines by price of one accelerator.
WITH matching AS (
    SELECT o.*, hourly_usd / accelerator_count AS each_usd, spot_hourly_usd / accelerator_count AS spot_each_usd
    FROM offers o
    WHERE accelerator IS NOT NULL AND ($region IS NULL OR region = $region)
        AND ($region IS NOT NULL OR (cloud, region) NOT IN (
            SELECT (cloud, region) FROM regions WHERE restricted IS NOT NULL
        ))
        AND NOT ($spot AND spot_hourly_usd IS NULL)
)
SELECT
    m.accelerator,
    any_value(coalesce(a.memory_gib, m.gpu_memory_gib)) AS memory_gib,
    any_value(a.vendor) AS vendor,
    list_sort(list(DISTINCT m.gpu_memory_gib) FILTER (m.gpu_memory_gib IS NOT NULL)) AS memories,
    list_sort(list(DISTINCT m.cloud)) AS clouds,
    list_sort(list(DISTINCT m.accelerator_count)) AS counts,
    first(
        {'cloud': cloud, 'region': region, 'instance_type': instance_type, 'count': accelerator_count,
         'hourly_usd': hourly_usd} ORDER BY each_usd, accelerator_count, cloud, region, instance_type
    ) FILTER (each_usd IS NOT NULL) AS on_demand,
    first(
        {'cloud': cloud, 'region': region, 'instance_type': instance_type, 'count': accelerator_count,
         'hourly_usd': spot_hourly_usd} ORDER BY spot_each_usd, accelerator_count, cloud, region, instance_type
    ) FILTER (spot_each_usd IS NOT NULL) AS spot
FROM matching m LEFT JOIN accelerators a ON a.name = m.accelerator
GROUP BY m.accelerator
ORDER BY lower(m.accelerator)
