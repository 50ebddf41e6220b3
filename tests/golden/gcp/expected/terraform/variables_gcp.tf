variable "hardware" {
  description = "What the machines of each group are made of, and what becomes of them when their host is worked on or fails."
  type = map(object({
    image       = string
    disk        = object({ type = string, iops = optional(number), throughput = optional(number) })
    nic_type    = optional(string)
    secure_boot = bool
    maintenance = string
    restart     = bool
    host_type   = string
  }))
}

variable "gpus" {
  description = "GPUs that stand beside the machines of a group, whose type has none."
  type        = map(object({ type = string, count = number }))
}
