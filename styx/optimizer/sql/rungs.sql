-- The same kind of machine in other regions, and other kinds in the same region, cheapest first.
SELECT micro_usd, kind, place
FROM judged
WHERE mask = 0 AND (kind = $kind) <> (place = $place)
QUALIFY row_number() OVER (PARTITION BY kind = $kind ORDER BY micro_usd, kind, place) <= $most
ORDER BY micro_usd, kind, place
