-- How many offers each entry of the overlay matches, before the others are heard.
SELECT section, line, (
    SELECT count(*) FROM offered o
    WHERE o.cloud GLOB n.cloud AND o.region GLOB n.region AND o.instance_type GLOB n.type
) AS matched
FROM (
    SELECT 'discounts' AS section, line, cloud, region, type FROM overlay_discounts
    UNION ALL SELECT 'prepaid', line, cloud, region, type FROM overlay_prepaid
    UNION ALL SELECT 'hidden', line, cloud, region, type FROM overlay_hidden
) n
ORDER BY line
