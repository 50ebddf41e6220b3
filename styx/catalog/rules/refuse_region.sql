-- A region is one that the catalog can place on a continent, and a zone is named after its region.
SELECT cloud, region, instance_type, coalesce(
    'the zone ' || [zone FOR zone IN zones IF NOT starts_with(zone, region)][1] || ' is not in ' || region,
    'the region is not in regions.csv'
) AS detail
FROM offers
WHERE NOT EXISTS (FROM regions r WHERE r.cloud = offers.cloud AND r.region = offers.region)
    OR len([zone FOR zone IN zones IF NOT starts_with(zone, region)]) > 0
