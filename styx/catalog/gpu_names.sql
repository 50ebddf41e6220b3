-- Every name of every accelerator that is sold, and the catalog's own spelling of it.
WITH sold AS (SELECT DISTINCT accelerator AS name FROM offers WHERE accelerator IS NOT NULL)
SELECT name AS alias, name FROM sold
UNION ALL
SELECT alias, name FROM aliases SEMI JOIN sold USING (name)
ORDER BY ALL
