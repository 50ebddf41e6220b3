-- One machine of every offer: its price in the market asked, as parts.sql orders prices, and the constraints that it
-- does not meet, those aside that its kind and its place decide. A line whose parameters are not given is left out, for
-- it asks for nothing. The query that asks stands after this.
WITH machines AS (
    SELECT
        kind, place, {rank} AS rank, {price} AS price, mask
        | CASE WHEN {price} = $unsold THEN 65536 ELSE 0 END
        | CASE WHEN {price} % $doubtful <= $most_micro AND {price} < $unknown THEN 0 ELSE 131072 END
        AS mask
    FROM considered
)
