variable "cluster_name" {
  description = "The prefix of everything that the cluster is made of."
  type        = string
}

variable "placement" {
  description = "Where it stands, as cloud/region."
  type        = string
}

variable "groups" {
  description = "Machines by kind, the head's first."
  type = list(object({
    name          = string
    role          = string
    count         = number
    instance_type = string
    zone          = string
    disk_gib      = number
  }))
}
