# Who the machines are to AWS: nobody who may do anything but this.
data "aws_partition" "here" {}

resource "aws_iam_role" "machine" {
  name_prefix = "${substr(var.cluster_name, 0, 37)}-"
  description = "Machines of ${var.cluster_name}"
  tags        = local.tags

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "tunnel" {
  role       = aws_iam_role.machine.name
  policy_arn = "arn:${data.aws_partition.here.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

locals {
  readable = { for name in keys(var.buckets) : name => "arn:${data.aws_partition.here.partition}:s3:::${name}" }
  writable = [for name, arn in local.readable : arn if var.buckets[name].write]
}

resource "aws_iam_role_policy" "buckets" {
  role = aws_iam_role.machine.name
  name = "buckets"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for may in [
      { Action = ["s3:GetBucketLocation", "s3:ListBucket"], Resource = values(local.readable) },
      { Action = ["s3:GetObject"], Resource = formatlist("%s/*", values(local.readable)) },
      { Action = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], Resource = formatlist("%s/*", local.writable) },
    ] : merge({ Effect = "Allow" }, may) if length(may.Resource) > 0]
  })
}

# No machine starts before it may do what it is to do.
resource "aws_iam_instance_profile" "machine" {
  name_prefix = "${substr(var.cluster_name, 0, 37)}-"
  role        = aws_iam_role.machine.name
  tags        = local.tags
  depends_on  = [aws_iam_role_policy_attachment.tunnel, aws_iam_role_policy.buckets]
}
