-- Offers by kind and place, as styx.offer.Offer has its fields; before them the zones that are not to be used and how
-- often a machine is taken back.
SELECT
    kind, place, blocked_offers.zones, interruptions_an_hour,
    kinds.cloud, region, instance_type, vcpus, memory_gib, details.zones, accelerator, accelerator_count,
    gpu_memory_gib, arch, burstable, local_disk_gib, hourly_usd, spot_hourly_usd, price_kind, spot_kind, price_as_of,
    max_count, divisible
FROM (SELECT unnest($kinds) AS kind, unnest($places) AS place) AS wanted
JOIN prices USING (kind, place)
JOIN kinds USING (kind)
JOIN places USING (place)
JOIN details USING (detail)
LEFT JOIN blocked_offers USING (kind, place)
LEFT JOIN risks USING (kind, place)
