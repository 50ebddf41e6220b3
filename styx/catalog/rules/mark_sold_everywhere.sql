-- Every type of a cloud in every one of its regions: a feed that repeats its list tells nothing about regions.
WITH counted AS (
    SELECT cloud, count(DISTINCT region) AS regions, count(DISTINCT instance_type) AS types, count(*) AS rows
    FROM offers GROUP BY cloud
)
SELECT o.cloud, o.region, o.instance_type, format(
    'its list names all {} types in all {} regions: only asking for a machine tells whether a region has it', types, regions
) AS detail
FROM offers o JOIN counted c USING (cloud) WHERE c.regions > 3 AND c.types > 3 AND c.rows = c.regions * c.types
