variable "cluster_name" {
  description = "Name of the cluster: the prefix of everything it is made of."
  type        = string
  nullable    = false
}

variable "placement" {
  description = "Cloud and region, as cloud/region."
  type        = string
  nullable    = false
}

variable "hosts" {
  description = "Every machine by name. Rank 0 is the head."
  type = map(object({
    role          = string
    rank          = number
    group         = string
    instance_type = string
    market        = string
    zone          = string
  }))
  nullable = false
}

variable "hourly_usd" {
  description = "What all machines cost an hour by the price list, in USD."
  type        = number
  default     = 0
}

variable "budget_hourly_usd" {
  description = "What they may cost an hour, in USD; null for any."
  type        = number
  default     = null
}
