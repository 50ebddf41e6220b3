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

variable "public_key" {
  description = "The key that logs in, as in authorized_keys."
  type        = string
}

variable "caller_cidrs" {
  description = "Networks that SSH is open to: yours. Nothing is committed here."
  type        = list(string)
  default     = []
}

variable "run_tags" {
  description = "Who made it, in which run, until when; the first ones stay."
  type        = map(string)
  default     = {}
}
