"""The offers: opening and querying them."""
