-- A price that nobody should believe is an unknown one, and so is the spot price beside it.
UPDATE offers
SET hourly_usd = NULL, price_kind = 'unknown', spot_hourly_usd = NULL, spot_kind = 'unknown'
WHERE cloud = ? AND region = ? AND instance_type = ?
