-- Every zone with its cloud and region.
SELECT DISTINCT cloud, region, unnest(zones) FROM prices JOIN details USING (detail) JOIN places USING (place) ORDER BY ALL
