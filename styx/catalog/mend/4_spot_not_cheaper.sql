-- A spot price at or above the on-demand price means that no spot is sold, or that nobody should buy it.
UPDATE offers SET spot_hourly_usd = NULL, spot_kind = 'unknown' WHERE spot_hourly_usd >= hourly_usd
