-- A price more than 20 % off what the same family costs in that region against its median region.
WITH based AS (
    SELECT cloud, region, instance_type, hourly_usd / median(hourly_usd) OVER (PARTITION BY cloud, instance_type) AS ratio,
        CASE
            WHEN contains(instance_type, '.') THEN split_part(instance_type, '.', 1)
            WHEN contains(instance_type, '_') THEN regexp_replace(instance_type, '[0-9]+(-[0-9]+)?', '')
            ELSE split_part(instance_type, '-', 1)
        END || coalesce(accelerator, '') AS family
    FROM offers WHERE hourly_usd IS NOT NULL
), judged AS (
    SELECT *, median(ratio) OVER (PARTITION BY cloud, region, family) AS usual FROM based
)
SELECT cloud, region, instance_type, format('{:.2f} times its median region, its family {:.2f}', ratio, usual) AS detail
FROM judged WHERE abs(ratio / usual - 1) > 0.2
