-- Half of what the cheapest vCPU, GiB and accelerator of any cloud add up to, or spot at 3 % of the on-demand price.
-- Burstable machines may cost next to nothing; the clouds advertise spot prices of 9 % at best.
SELECT cloud, region, instance_type, format(
    '{} on demand, {} on spot', coalesce(hourly_usd::VARCHAR, 'unknown'), coalesce(spot_hourly_usd::VARCHAR, 'unknown')
) AS detail
FROM (SELECT *, 0.01 * vcpus + 0.001 * memory_gib + 0.1 * accelerator_count AS least_usd FROM offers)
WHERE (NOT burstable AND (hourly_usd < 0.75 * least_usd OR spot_hourly_usd < 0.09 * least_usd))
    OR spot_hourly_usd < 0.03 * hourly_usd
