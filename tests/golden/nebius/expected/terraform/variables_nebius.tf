variable "project_id" {
  description = "The project that it is made in. Nothing is committed here; the first run's is remembered."
  type        = string
  default     = null
}

variable "images" {
  description = "The image of each group: an id, or the newest of a family, which is Nebius's own unless a project is named."
  type        = map(object({ id = optional(string), family = optional(object({ image_family = string, parent_id = optional(string) })) }))
}

variable "disk" {
  description = "The type of every main disk, whose size is a multiple of step_gib."
  type        = object({ type = string, step_gib = number })
}

variable "volume_disks" {
  description = "The type of each further disk, whose size is a multiple of step_gib."
  type        = map(object({ type = string, step_gib = number }))
}

variable "fabrics" {
  description = "The InfiniBand fabric of each group that can be on one."
  type        = map(string)
}
