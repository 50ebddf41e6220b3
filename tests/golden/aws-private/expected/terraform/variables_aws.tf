variable "images" {
  description = "The image of each group: an id, or the newest of its owner with such a name."
  type        = map(object({ id = optional(string), owner = optional(string), name = optional(string) }))
}

variable "volume_disks" {
  description = "The kind of each further disk, and the last letter of the device that it is attached as."
  type        = map(object({ letter = string, type = string, iops = optional(number), throughput = optional(number) }))
}

variable "fabric" {
  description = "Whether the machines of a group can be placed close together, and which of their network cards have EFA."
  type        = map(object({ close = bool, efa_cards = list(number) }))
}
