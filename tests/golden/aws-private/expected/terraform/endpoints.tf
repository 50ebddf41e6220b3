# What the machines may not reach outside they reach here: what the tunnel goes through.
resource "aws_vpc_endpoint" "tunnel" {
  for_each            = toset(["ec2messages", "ssm", "ssmmessages"])
  vpc_id              = aws_vpc.cluster.id
  service_name        = "com.amazonaws.${split("/", var.placement)[1]}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = values(aws_subnet.zone)[*].id
  security_group_ids  = [aws_security_group.cluster.id]
  private_dns_enabled = true
  tags                = merge(local.tags, { Name = "${var.cluster_name}-${each.key}" })
}

# And the buckets, which have no networks of their own to be named.
resource "aws_vpc_endpoint" "buckets" {
  vpc_id          = aws_vpc.cluster.id
  service_name    = "com.amazonaws.${split("/", var.placement)[1]}.s3"
  route_table_ids = [aws_vpc.cluster.main_route_table_id]
  tags            = merge(local.tags, { Name = var.cluster_name })
}
