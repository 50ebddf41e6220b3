-- Of each place, how many offers fail the same constraints, and the cheapest of these: one number, its price above and
-- its kind below, so that equal prices are decided the same way every time.
SELECT mask, place, count(*), min(rank * 4194304 + kind) FROM {offers} GROUP BY mask, place
