-- Every offer, judged: what all its machines cost an hour in millionths of a USD, for a whole number orders the same
-- everywhere, and the constraints that it does not meet. An unknown price is no price: it comes last.
CREATE TEMP TABLE judged AS
SELECT
    kind, place,
    coalesce($num_nodes * CASE WHEN $use_spot THEN spot_rank_micro ELSE hourly_micro END + extra_micro, $unknown) AS micro_usd,
    mask
    | CASE WHEN $use_spot AND spot_micro IS NULL THEN 65536 ELSE 0 END
    | CASE WHEN CASE WHEN $use_spot THEN spot_micro ELSE hourly_micro END <= $most_micro OR $most_micro IS NULL
        THEN 0 ELSE 131072 END
    | CASE WHEN micro_usd <= $budget_micro OR $budget_micro IS NULL THEN 0 ELSE 262144 END
    AS mask
FROM (
    SELECT
        kind, place, hourly_micro, spot_micro, spot_rank_micro, extra_micro,
        considered.mask | kinds.mask | places.mask AS mask
    FROM considered
    JOIN judged_kinds AS kinds USING (kind)
    JOIN judged_places AS places USING (place)
)
