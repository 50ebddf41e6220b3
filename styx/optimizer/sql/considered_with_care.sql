-- Offers seen by a query that asks for a zone, leaves out what is blocked, or counts interruptions.
CREATE OR REPLACE TEMP VIEW considered AS
SELECT
    kind, place, hourly_rank, spot_rank,
    -- No row of risks: nothing counts interruptions.
    spot_rank + round(spot_rank % 1000000000000 * coalesce(lost_hours, 0))::BIGINT AS expected_rank,
    CASE WHEN (detail, place) IN (FROM offers_elsewhere) THEN 2 ELSE 0 END | coalesce(blocked_offers.mask, 0) AS mask
FROM prices
LEFT JOIN blocked_offers USING (kind, place)
LEFT JOIN risks USING (kind, place)
