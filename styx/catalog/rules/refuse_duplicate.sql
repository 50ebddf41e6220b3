-- One cloud sells a type in a region at one price.
SELECT cloud, region, instance_type, format('{} rows', count(*)) AS detail
FROM offers GROUP BY ALL HAVING count(*) > 1
