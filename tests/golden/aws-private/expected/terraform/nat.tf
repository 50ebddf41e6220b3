# The way out for machines without a public address.
resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.cluster.id
  availability_zone = aws_subnet.zone[var.groups[0].zone].availability_zone
  cidr_block        = cidrsubnet(aws_vpc.cluster.cidr_block, 4, 15)
  tags              = merge(local.tags, { Name = "${var.cluster_name}-public" })
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.cluster.id
  tags   = merge(local.tags, { Name = "${var.cluster_name}-public" })

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.cluster.id
  }
}

resource "aws_route_table_association" "public" {
  route_table_id = aws_route_table.public.id
  subnet_id      = aws_subnet.public.id
}

resource "aws_eip" "nat" {
  domain = "vpc"
  tags   = merge(local.tags, { Name = var.cluster_name })
}

resource "aws_nat_gateway" "cluster" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public.id
  tags          = merge(local.tags, { Name = var.cluster_name })
  depends_on    = [aws_internet_gateway.cluster]
}
