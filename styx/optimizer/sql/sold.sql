-- What is known of offers by kind and place beside their kind: prices as the catalog has them, and the row of details.
SELECT kind, place, detail, hourly_usd, spot_hourly_usd
FROM prices
JOIN (SELECT unnest($kinds) AS kind, unnest($places) AS place) AS wanted USING (kind, place)
ORDER BY kind, place, detail
