-- Every region that has an offer, or that the catalog can place.
SELECT region FROM regions UNION SELECT region FROM live_offers ORDER BY ALL
