-- How many offers fail the same constraints (`kin` is minus their mask) or fit in the same place (`kin` is the place),
-- and the cheapest of each: one number, its price above and its kind below, so that equal prices are decided the same
-- way every time.
SELECT CASE WHEN mask = 0 THEN place ELSE -mask END AS kin, count(*) AS offers, min(micro_usd * 4194304 + kind) AS cheapest
FROM judged
GROUP BY kin
ORDER BY kin
