-- A machine for rent costs something: 0 hides an unknown price, less than 0 is a mistake.
SELECT cloud, region, instance_type, format(
    '{} on demand, {} on spot', coalesce(hourly_usd::VARCHAR, 'unknown'), coalesce(spot_hourly_usd::VARCHAR, 'unknown')
) AS detail
FROM offers WHERE hourly_usd <= 0 OR spot_hourly_usd <= 0
