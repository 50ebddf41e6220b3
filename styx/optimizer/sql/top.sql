-- The cheapest offers that fit.
SELECT micro_usd, kind, place FROM judged WHERE mask = 0 ORDER BY micro_usd, kind, place LIMIT $most
