-- A price of 0 in a list of machines for rent is an unknown one.
UPDATE offers SET hourly_usd = nullif(hourly_usd, 0), spot_hourly_usd = nullif(spot_hourly_usd, 0),
    price_kind = CASE WHEN hourly_usd = 0 THEN 'unknown' ELSE price_kind END,
    spot_kind = CASE WHEN spot_hourly_usd = 0 THEN 'unknown' ELSE spot_kind END
WHERE hourly_usd = 0 OR spot_hourly_usd = 0
