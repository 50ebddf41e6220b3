locals {
  tunnels = { for name, machine in aws_instance.machine : name => join(" ", [
    "aws ssm start-session --region ${split("/", var.placement)[1]} --target ${machine.id}",
    "--document-name AWS-StartSSHSession --parameters portNumber=22",
  ]) }
}
