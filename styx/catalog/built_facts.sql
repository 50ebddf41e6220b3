-- What is built beside the offers: how often spot machines are taken back.
CREATE VIEW interruptions AS FROM read_parquet('{folder}/interruptions.parquet');
