-- The machines with one accelerator, or with any of so much memory: each of them with $all, else the cheapest of each
-- cloud, memory and number, restricted regions left out unless one is named.
SELECT accelerator, accelerator_count, gpu_memory_gib, cloud, region, instance_type, vcpus, memory_gib, hourly_usd,
    spot_hourly_usd, price_kind, spot_kind, price_as_of
FROM offers
WHERE coalesce($name, accelerator) = accelerator AND accelerator_count > 0
    AND ($count IS NULL OR abs(accelerator_count - $count) <= 0.005) -- parts are listed as 0.333 and asked for as 0.33
    AND ($least_gib IS NULL OR gpu_memory_gib BETWEEN $least_gib AND $most_gib)
    AND ($region IS NOT NULL OR $all OR (cloud, region) NOT IN (
        SELECT (cloud, region) FROM regions WHERE restricted IS NOT NULL
    ))
    AND ($region IS NULL OR region = $region) AND NOT ($spot AND spot_hourly_usd IS NULL)
QUALIFY $all OR row_number() OVER (
    PARTITION BY cloud, accelerator, gpu_memory_gib, accelerator_count
    ORDER BY CASE WHEN $spot THEN spot_hourly_usd ELSE hourly_usd END NULLS LAST, vcpus, region, instance_type
) = 1
ORDER BY accelerator, accelerator_count, CASE WHEN $spot THEN spot_hourly_usd ELSE hourly_usd END NULLS LAST, cloud, region,
    instance_type
