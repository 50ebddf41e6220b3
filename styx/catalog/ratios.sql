-- Each known price against its type's median region (`ratio`), what its family's is there (`usual`), and what that of
-- all families is there (`region_usual`): a price that is wrong in all sizes of a family shows only against the last.
CREATE VIEW ratios AS
WITH based AS (
    SELECT cloud, region, instance_type, hourly_usd,
        hourly_usd / median(hourly_usd) OVER (PARTITION BY cloud, instance_type) AS ratio,
        CASE
            WHEN contains(instance_type, '.') THEN split_part(instance_type, '.', 1)
            WHEN contains(instance_type, '_') THEN regexp_replace(instance_type, '[0-9]+(-[0-9]+)?', '')
            ELSE split_part(instance_type, '-', 1)
        END || coalesce(accelerator, '') AS family
    FROM offers WHERE hourly_usd > 0
), families AS (
    SELECT cloud, region, family, median(ratio) AS usual FROM based GROUP BY ALL
), regions AS (
    SELECT cloud, region, median(usual) AS region_usual FROM families GROUP BY ALL
)
FROM based JOIN families USING (cloud, region, family) JOIN regions USING (cloud, region)
