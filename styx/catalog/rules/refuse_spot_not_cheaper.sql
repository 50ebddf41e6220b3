-- A spot price above the on-demand price is wrong; one equal to it means that no spot is sold.
SELECT cloud, region, instance_type, format('{} on spot, {} on demand', spot_hourly_usd, hourly_usd) AS detail
FROM offers WHERE spot_hourly_usd >= hourly_usd
