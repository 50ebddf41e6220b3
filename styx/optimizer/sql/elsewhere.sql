-- The offers that are not sold in a zone. An offer that names no zones is taken to be sold in all of the region that is
-- asked for with its cloud, unless others of that region do name theirs.
INSERT INTO offers_elsewhere
SELECT DISTINCT detail, place
FROM prices
JOIN details USING (detail)
WHERE NOT list_contains(zones, $zone) AND (
    len(zones) > 0
    OR place NOT IN (SELECT place FROM places WHERE cloud = $cloud AND region = $region)
    OR place IN (SELECT place FROM prices JOIN details USING (detail) WHERE len(zones) > 0)
)
