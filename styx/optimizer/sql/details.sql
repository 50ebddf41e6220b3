SELECT detail, zones, price_kind, spot_kind, price_as_of FROM details WHERE detail IN (SELECT unnest($details))
