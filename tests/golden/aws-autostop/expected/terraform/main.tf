locals {
  made = { for name, machine in aws_instance.machine : name => {
    id              = machine.id
    zone            = machine.availability_zone
    private_address = machine.private_ip
    public_address  = machine.public_ip
    user            = "ubuntu"
    image           = machine.ami
  } }
}

data "aws_ami" "newest" {
  for_each    = { for group, image in var.images : group => image if image.id == null }
  owners      = [each.value.owner]
  most_recent = true

  filter {
    name   = "name"
    values = [each.value.name]
  }
}

resource "aws_key_pair" "login" {
  key_name_prefix = "${var.cluster_name}-"
  public_key      = var.public_key
  tags            = local.tags
}

resource "aws_instance" "machine" {
  for_each = local.machines

  ami                                  = try(data.aws_ami.newest[each.value.group].id, var.images[each.value.group].id)
  instance_type                        = each.value.instance_type
  key_name                             = aws_key_pair.login.key_name
  subnet_id                            = aws_subnet.zone[each.value.zone].id
  vpc_security_group_ids               = [aws_security_group.cluster.id]
  associate_public_ip_address          = true
  instance_initiated_shutdown_behavior = var.shutdown_behavior
  tags                                 = merge(local.tags, { Name = each.key })

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  root_block_device {
    encrypted   = true
    volume_size = each.value.disk_gib
    volume_type = "gp3"
    tags        = merge(local.tags, { Name = each.key })
  }

  # A newer image or another key never replaces a machine that stands.
  lifecycle {
    ignore_changes = [ami, key_name]
  }
}
