-- The machines with one accelerator: each of them with $all, else the cheapest of each cloud and number.
SELECT accelerator, accelerator_count, gpu_memory_gib, cloud, region, instance_type, vcpus, memory_gib, hourly_usd,
    spot_hourly_usd, price_kind, spot_kind, price_as_of
FROM offers
WHERE accelerator = $name AND ($count IS NULL OR accelerator_count = $count)
    AND ($region IS NULL OR region = $region) AND NOT ($spot AND spot_hourly_usd IS NULL)
QUALIFY $all OR row_number() OVER (
    PARTITION BY cloud, accelerator_count
    ORDER BY CASE WHEN $spot THEN spot_hourly_usd ELSE hourly_usd END NULLS LAST, vcpus, region, instance_type
) = 1
ORDER BY accelerator_count, CASE WHEN $spot THEN spot_hourly_usd ELSE hourly_usd END NULLS LAST, cloud, region,
    instance_type
