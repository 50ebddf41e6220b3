-- A number that stands for "unknown", or three times what the dearest vCPU, GiB and accelerator of any cloud add up to.
SELECT cloud, region, instance_type, format('{} an hour', hourly_usd) AS detail
FROM offers
WHERE hourly_usd IN (700, 999, 999.99, 9999, 9999.99, 99999, 1000000)
    OR hourly_usd > 3 * (1 + 0.35 * vcpus + 0.02 * memory_gib + 12 * accelerator_count)
