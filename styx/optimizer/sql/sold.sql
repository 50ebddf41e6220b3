-- Offers by kind and place: what they are, and what they cost, as parts.sql orders prices.
SELECT kind, place, detail, marked, hourly_rank, spot_rank
FROM (SELECT unnest($kinds) AS kind, unnest($places) AS place) AS wanted
JOIN prices USING (kind, place)
ORDER BY ALL
