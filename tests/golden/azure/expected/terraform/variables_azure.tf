variable "kinds" {
  description = "By group: the image, the newest where no version is told; the kind of disk; what the machine type can do."
  type        = map(object({ image = map(string), disk_type = string, trusted_launch = bool }))
}
