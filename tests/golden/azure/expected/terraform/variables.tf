variable "cluster_name" {
  description = "The prefix of everything that the cluster is made of."
  type        = string
}

variable "placement" {
  description = "Where it stands, as cloud/region."
  type        = string
}

variable "groups" {
  description = "Machines by kind, the head's first; hourly_usd is for one with its disk and address."
  type = list(object({
    name          = string
    role          = string
    count         = number
    instance_type = string
    zone          = string
    disk_gib      = number
    market        = string
    hourly_usd    = number
  }))
}

variable "budget_hourly_usd" {
  description = "What all of it may cost an hour, in USD."
  type        = number
}

variable "network_hourly_usd" {
  description = "What the cluster's own gateways and tunnels cost an hour, in USD."
  type        = number
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

variable "tags" {
  description = "Tags for everything that can carry them."
  type        = map(string)
}

variable "access" {
  description = "Networks that SSH is open to besides, and port or range => networks; none for those of SSH."
  type        = object({ ssh = list(string), ports = map(list(string)) })
}
