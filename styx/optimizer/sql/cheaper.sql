-- How many offers that fit are cheaper.
SELECT count(*) FROM judged WHERE mask = 0 AND micro_usd < $micro_usd
