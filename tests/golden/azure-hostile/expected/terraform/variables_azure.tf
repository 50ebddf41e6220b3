variable "kinds" {
  description = "By group: the image, the newest where no version is told; the kind of disk; what the machine type can do."
  type        = map(object({ image = map(string), disk_type = string, trusted_launch = bool, disk_controller = string }))
}

variable "volume_disks" {
  description = "The kind of each further disk, and the number that it is attached under."
  type        = map(object({ type = string, lun = number }))
}
