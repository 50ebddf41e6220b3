-- What was judged before goes first: two of these tables side by side would take twice the memory.
DROP TABLE IF EXISTS judged
