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

variable "egress_cidrs" {
  description = "The only networks outside the cluster that machines may reach."
  type        = list(string)
}

variable "volumes" {
  description = "Further disks of every machine, by name; path is where each is mounted."
  type        = map(object({ path = string, disk_gib = number }))
}

variable "buckets" {
  description = "Buckets that machines may read; those with write they may also change."
  type        = map(object({ write = bool }))
}
