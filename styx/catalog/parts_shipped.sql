-- The parts of the shipped offers as they were made when the catalog was built; only the clouds that count.
CREATE OR REPLACE TEMP TABLE kinds AS FROM read_parquet('{folder}/kinds.parquet') WHERE cloud IN ({clouds});
CREATE OR REPLACE TEMP TABLE places AS FROM read_parquet('{folder}/places.parquet') WHERE cloud IN ({clouds});
CREATE OR REPLACE TEMP TABLE details AS FROM read_parquet('{folder}/details.parquet');
CREATE OR REPLACE TEMP TABLE prices AS
FROM read_parquet('{folder}/prices.parquet') WHERE place IN (SELECT place FROM places)
