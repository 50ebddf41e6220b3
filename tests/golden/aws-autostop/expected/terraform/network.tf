resource "aws_vpc" "cluster" {
  cidr_block = "10.77.0.0/16"
  tags       = merge(local.tags, { Name = var.cluster_name })
}

resource "aws_internet_gateway" "cluster" {
  vpc_id = aws_vpc.cluster.id
  tags   = merge(local.tags, { Name = var.cluster_name })
}

resource "aws_route" "internet" {
  route_table_id         = aws_vpc.cluster.main_route_table_id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.cluster.id
}

resource "aws_subnet" "zone" {
  for_each          = toset(var.groups[*].zone)
  vpc_id            = aws_vpc.cluster.id
  availability_zone = each.value
  cidr_block        = cidrsubnet(aws_vpc.cluster.cidr_block, 4, parseint(substr(each.key, -1, 1), 16) - 10) # us-east-1a => 0
  tags              = merge(local.tags, { Name = "${var.cluster_name}-${each.value}" })
}
