-- Every offer, judged: what all its machines cost an hour in millionths of a USD, for a whole number orders the same
-- on every machine, and the constraints that it does not meet. An unknown price is no price: it comes last.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT
    kind, place,
    coalesce(least(round(usd * 1000000), 1e12), 1e12)::BIGINT AS micro_usd,
    mask
    | CASE WHEN $use_spot AND price_usd IS NULL THEN 65536 ELSE 0 END
    | CASE WHEN price_usd <= $max_hourly_usd OR $max_hourly_usd IS NULL THEN 0 ELSE 131072 END
    | CASE WHEN usd <= $budget_usd OR $budget_usd IS NULL THEN 0 ELSE 262144 END
    AS mask
FROM (
    SELECT
        kind, place, offered.mask | kinds.mask | places.mask AS mask,
        CASE WHEN $use_spot THEN spot_hourly_usd ELSE hourly_usd END AS price_usd,
        -- Expected cost: see styx.optimizer.spot.
        $num_nodes * price_usd * (1 + interruptions_an_hour * $num_nodes * $restart_hours) + extra_usd AS usd
    FROM offered
    JOIN judged_kinds AS kinds USING (kind)
    JOIN judged_places AS places USING (place)
)
