resource "aws_security_group" "cluster" {
  name_prefix = "${var.cluster_name}-"
  description = "Machines of one cluster"
  vpc_id      = aws_vpc.cluster.id
  tags        = merge(local.tags, { Name = var.cluster_name })

  ingress {
    description = "Everything between the machines"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    self        = true
  }

  dynamic "ingress" {
    for_each = local.ingress

    content {
      description = "Port ${ingress.key}"
      protocol    = "tcp"
      from_port   = ingress.value.first
      to_port     = ingress.value.last
      cidr_blocks = ingress.value.cidrs
    }
  }

  egress {
    description = "What the machines may reach"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
