-- What a blocklist means for offers: bit 4 when nothing of an offer is left, and the zones that are not to be used.
INSERT INTO blocked_offers
SELECT
    kind, place,
    CASE WHEN bool_or(blocked.zone IS NULL) OR (
        len(any_value(zones)) > 0 AND list_has_all(list(blocked.zone), any_value(zones))
    ) THEN 4 ELSE 0 END,
    coalesce(list(blocked.zone) FILTER (blocked.zone IS NOT NULL), [])
FROM (
    SELECT unnest($clouds) AS cloud, unnest($regions) AS region, unnest($zones) AS zone, unnest($types) AS instance_type
) AS blocked
JOIN places
    ON places.cloud = coalesce(blocked.cloud, places.cloud) AND places.region = coalesce(blocked.region, places.region)
JOIN prices USING (place)
JOIN kinds USING (kind)
JOIN details USING (detail)
WHERE kinds.instance_type = coalesce(blocked.instance_type, kinds.instance_type)
GROUP BY kind, place
