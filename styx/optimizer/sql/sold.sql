-- Offers by kind and place: what they cost, as parts.sql orders prices, and what they are.
SELECT
    kind, place, marked, hourly_rank, spot_rank,
    cloud, instance_type, vcpus, memory_gib, accelerator, accelerator_count, gpu_memory_gib, arch, burstable,
    local_disk_gib, max_count, divisible, zones, price_kind, spot_kind, price_as_of
FROM (SELECT unnest($kinds) AS kind, unnest($places) AS place) AS wanted
JOIN prices USING (kind, place)
JOIN kinds USING (kind)
JOIN details USING (detail)
