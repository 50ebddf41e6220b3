-- The cheapest offers that fail just these constraints.
SELECT micro_usd, kind, place FROM judged WHERE mask = $mask ORDER BY micro_usd, kind, place LIMIT $most
