-- Offers as most queries see them: no zone asked, nothing blocked, no interruptions counted.
CREATE OR REPLACE TEMP VIEW considered AS
SELECT kind, place, hourly_rank, spot_rank, spot_rank AS expected_rank, 0 AS mask FROM prices
