variable "images" {
  description = "The image of each group: an id, or the newest of its owner with such a name."
  type        = map(object({ id = optional(string), owner = optional(string), name = optional(string) }))
}

variable "shutdown_behavior" {
  description = "What becomes of a machine that shuts itself down: stop or terminate."
  type        = string
}
