-- What became of the offers of a cloud, a region, a zone or a type: how many fail the same constraints (0: fit), and
-- the cheapest of these.
SELECT mask, count(*) OVER (PARTITION BY mask), micro_usd, kind, place
FROM judged
JOIN kinds USING (kind)
JOIN places USING (place)
WHERE kinds.cloud = $cloud AND $region IN (region, '') AND $instance_type IN (instance_type, '') AND (
    $zone = '' OR (kind, place) IN (
        SELECT (kind, place) FROM prices JOIN details USING (detail) WHERE list_contains(zones, $zone)
    )
)
QUALIFY row_number() OVER (PARTITION BY mask ORDER BY micro_usd, kind, place) = 1
ORDER BY bit_count(mask), mask
