network = { vpc = "network-of-the-tests", subnet = "subnet-of-the-tests", security_groups = ["tag-of-the-tests"] }
unplaced_types = []
