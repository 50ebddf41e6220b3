-- What is built beside the offers: how often spot machines are taken back, and which offers are in doubt.
CREATE VIEW interruptions AS FROM read_parquet('{folder}/interruptions.parquet');
CREATE VIEW doubts AS FROM read_parquet('{folder}/doubts.parquet');
