variable "slot" {
  description = "Number of the cluster's loopback network, 127.77.<slot>.0; null to derive it from the name."
  type        = number
  default     = null

  validation {
    condition     = var.slot == null ? true : var.slot >= 1 && var.slot <= 250
    error_message = "A slot is a number from 1 to 250."
  }
}

variable "root" {
  description = "Folder that holds the machines of every cluster; null for ~/.local/state/styx/local."
  type        = string
  default     = null
}
