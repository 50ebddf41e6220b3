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
}

variable "tags" {
  type    = map(string)
  default = { Name = "w0" }
}

variable "user_data" {
  type    = string
  default = null
}

variable "user_data_base64" {
  type    = string
  default = null
}

variable "volume_type" {
  type    = string
  default = "gp3"
}

resource "aws_instance" "this" {
  ami              = "ami-0ubuntu2404amd64a"
  instance_type    = "m6i.large"
  user_data        = var.user_data
  user_data_base64 = var.user_data_base64
  tags             = var.tags

  root_block_device {
    volume_type = var.volume_type
    encrypted   = true
  }
}
