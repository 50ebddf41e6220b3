-- A price says what it is and when it held; no price says nothing.
SELECT cloud, region, instance_type, format('{} / {} of {}', price_kind, spot_kind, price_as_of) AS detail
FROM offers
WHERE (hourly_usd IS NULL) <> (price_kind = 'unknown') OR (spot_hourly_usd IS NULL) <> (spot_kind = 'unknown')
    OR price_kind NOT IN ('list', 'derived', 'estimated', 'unknown')
    OR spot_kind NOT IN ('list', 'derived', 'estimated', 'unknown')
    OR (hourly_usd IS NOT NULL AND try_cast(price_as_of AS DATE) IS NULL)
