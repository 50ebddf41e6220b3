-- Offers as most queries see them: no zone asked, nothing blocked, no interruptions counted.
CREATE OR REPLACE TEMP VIEW offered AS
SELECT kind, place, hourly_usd, spot_hourly_usd, 0 AS mask, 0 AS interruptions_an_hour FROM prices
