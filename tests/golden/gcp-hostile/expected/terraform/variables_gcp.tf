variable "hardware" {
  description = "What the machines of each group are made of, and what becomes of them when their host is worked on or fails."
  type = map(object({
    image       = string
    disk        = object({ type = string, iops = optional(number), throughput = optional(number) })
    nic_type    = optional(string)
    secure_boot = bool
    maintenance = string
    restart     = bool
  }))
}

variable "volume_disks" {
  description = "What further disks are, by group and name."
  type        = map(map(object({ type = string, iops = optional(number), throughput = optional(number) })))
}

variable "unplaced_types" {
  description = "Machine types of which no zone is known: the first zone of the region that sells all of them is taken."
  type        = list(string)
}
