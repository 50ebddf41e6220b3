-- Offers as most queries see them: no zone asked, nothing blocked, no interruptions counted.
CREATE OR REPLACE TEMP VIEW considered AS
SELECT kind, place, hourly_micro, spot_micro, spot_micro AS spot_rank_micro, 0 AS mask FROM prices
