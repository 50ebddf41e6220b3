terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = { styx-cluster = "c1" }
  }
}

variable "machines" {
  type    = number
  default = 2
}

variable "caller" {
  type    = string
  default = "192.0.2.7/32"
}

variable "instance_type" {
  type    = string
  default = "m6i.large"
}

variable "group" {
  type    = string
  default = "c1"
}

data "aws_ami" "this" {
  most_recent = true
  owners      = ["099720109477"]
  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"]
  }
}

data "aws_iam_policy_document" "this" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "c1"
  assume_role_policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_instance_profile" "this" {
  name = "c1"
  role = aws_iam_role.this.name
}

resource "aws_key_pair" "this" {
  key_name   = "c1"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPyeTPW8mNyYDyyiOL01rE5JFxHOPlXyw9jhAgL0X8nM"
}

resource "aws_vpc" "this" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "c1" }
}

resource "aws_subnet" "this" {
  vpc_id                  = aws_vpc.this.id
  cidr_block              = "10.1.1.0/24"
  availability_zone       = "us-east-1b"
  map_public_ip_on_launch = true
}

resource "aws_security_group" "this" {
  name   = var.group
  vpc_id = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.this.id
  cidr_ipv4         = var.caller
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_instance" "this" {
  for_each               = toset([for rank in range(var.machines) : "c1-w${rank}"])
  ami                    = data.aws_ami.this.id
  instance_type          = var.instance_type
  key_name               = aws_key_pair.this.key_name
  subnet_id              = aws_subnet.this.id
  vpc_security_group_ids = [aws_security_group.this.id]
  iam_instance_profile   = aws_iam_instance_profile.this.name
  tags                   = { Name = each.key }

  root_block_device {
    volume_size = 100
    encrypted   = true
  }

  lifecycle {
    ignore_changes = [ami]
  }
}

output "hosts" {
  value = { for name, machine in aws_instance.this : name => {
    id      = machine.id
    private = machine.private_ip
    public  = machine.public_ip
    zone    = machine.availability_zone
    image   = machine.ami
    tags    = machine.tags_all
  } }
}
