variable "project_id" {
  description = "The project that it is made in. Nothing is committed here; the first run's is remembered."
  type        = string
  default     = null
}

variable "images" {
  description = "The image of each group: an id, or the newest of a family, which is Nebius's own unless a project is named."
  type        = map(object({ id = optional(string), family = optional(object({ image_family = string, parent_id = optional(string) })) }))
}
