-- Machine types of the overlay that are written out and that nothing offers there.
WITH named AS (
    SELECT 'prepaid' AS section, line, cloud, region, type FROM overlay_prepaid
    UNION ALL SELECT 'discounts', line, cloud, region, type FROM overlay_discounts
    UNION ALL SELECT 'hidden', line, cloud, region, type FROM overlay_hidden
)
SELECT section, line, cloud, region, type FROM named n
WHERE NOT regexp_matches(type, '[*?[]') AND NOT EXISTS (
    FROM offered o WHERE o.instance_type = n.type AND o.cloud = n.cloud AND o.region GLOB n.region
)
ORDER BY line
