-- What became of one offer.
SELECT mask, micro_usd, kind, place
FROM judged
JOIN kinds USING (kind)
JOIN places USING (place)
WHERE kinds.cloud = $cloud AND region = $region AND instance_type = $instance_type
