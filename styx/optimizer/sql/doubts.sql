-- What the lint doubts about offers, and whether that is their price: of all rules that mark, only one says nothing of it.
SELECT cloud, region, instance_type, detail, rule <> 'sold_everywhere' FROM doubts ORDER BY ALL
