-- Of each place, how many offers fail the same constraints, and the cheapest of these: one number, its price above and
-- its kind below, so that equal prices are decided the same way every time. Of those that fit, the runners-up too.
SELECT
    mask, place, count(*), min(rank * 4194304 + kind), min(rank * 4194304 + kind, $least) FILTER (mask = 0)
FROM {offers}
GROUP BY mask, place
