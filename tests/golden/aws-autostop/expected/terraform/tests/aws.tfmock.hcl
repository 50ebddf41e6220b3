mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_subnet" {
  defaults = { vpc_id = "vpc-of-the-tests" }
}

mock_data "aws_ec2_instance_type_offerings" {
  defaults = { locations = ["us-east-1a"] }
}
