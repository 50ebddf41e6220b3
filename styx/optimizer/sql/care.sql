-- The zones of offers that are not to be used, and how often their machines are taken back.
SELECT kind, place, zones, interruptions_an_hour FROM blocked_offers FULL JOIN risks USING (kind, place)
JOIN (SELECT unnest($kinds) AS kind, unnest($places) AS place) AS wanted USING (kind, place)
