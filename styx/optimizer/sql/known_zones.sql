SELECT DISTINCT cloud, unnest(zones) FROM prices JOIN details USING (detail) JOIN places USING (place) ORDER BY ALL
