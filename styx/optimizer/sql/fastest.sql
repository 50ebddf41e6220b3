SELECT max(tflops) FROM judged JOIN kinds USING (kind) WHERE mask = 0
