-- The speed of the fastest machine that fits; NULL when nobody knows the speed of any.
SELECT max(tflops) FROM judged JOIN kinds USING (kind) WHERE mask = 0
