-- A cloud's public table of how often spot machines are taken back.
INSERT INTO rates SELECT $cloud, region, instance_type, interruption_band, saving_pct FROM read_csv($file)
